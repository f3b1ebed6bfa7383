import { selfLink } from '../links.ts';
import type { Project } from './store.ts';

/** A project as the API shows it, one acting as a domain included. */
export const viewProject = (project: Project, origin: string) => ({
  ...project.extra,
  id: project.id,
  name: project.name,
  domain_id: project.domainId,
  description: project.description,
  enabled: project.enabled,
  parent_id: project.parentId,
  is_domain: project.isDomain,
  tags: project.tags,
  options: project.options,
  links: { self: selfLink(origin, 'projects', project.id) },
});

/** A project after an update, when Keystone shows the made-up attributes a second time. */
export const viewUpdatedProject = (project: Project, origin: string) => ({
  ...viewProject(project, origin),
  extra: project.extra,
});

/** Ids within ids, null where the line or branch ends. */
export interface IdTree {
  [id: string]: IdTree | null;
}

/** The line above a project: `{parent: {grandparent: null}}`. `parents` starts with the nearest. */
export const parentsAsIds = (parents: readonly Project[]): IdTree | null =>
  parents.reduceRight<IdTree | null>((above, parent) => ({ [parent.id]: above }), null);

/** The branches below a project: `{child: {grandchild: null}, other: null}`. */
export function subtreeAsIds(id: string, subtree: readonly Project[]): IdTree | null {
  const children = subtree.filter((project) => project.parentId === id);
  if (children.length === 0) return null;
  return Object.fromEntries(children.map((child) => [child.id, subtreeAsIds(child.id, subtree)]));
}
