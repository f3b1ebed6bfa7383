import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';

import { missing } from '../errors.ts';
import { isImmutable } from '../resource-options.ts';
import type { Identity } from '../service.ts';
import { mostTags } from './schema.ts';
import type { Project } from './store.ts';

/** Replaces a project's tags. Throws `badRequest` when two are the same but for blanks around them. */
export async function setTags(
  service: Identity,
  project: Project,
  tags: readonly string[],
): Promise<string[]> {
  refuseImmutable('update', project);
  const trimmed = tags.map((tag) => tag.trim());
  const twice = trimmed.find((tag, i) => trimmed.indexOf(tag) !== i);
  if (twice !== undefined) throw badRequest(`${twice} has non-unique elements`);
  await changeTags(service, project, () => trimmed);
  return trimmed;
}

/** Adds one tag. Throws `badRequest` for a tag that is malformed, there already, or one too many. */
export async function addTag(service: Identity, project: Project, given: string): Promise<void> {
  refuseImmutable('create', project);
  const tag = given.trim();
  if (tag === '' || tag.length > 255 || /[,/]/.test(tag)) throw badRequest(`Invalid project tag: ${given}`);
  await changeTags(service, project, (tags) => {
    if (tags.includes(tag)) throw badRequest(`${tag} has non-unique elements`);
    if (tags.length >= mostTags) throw badRequest(`A project has at most ${mostTags} tags`);
    return [...tags, tag];
  });
}

/** Takes one tag away. Throws `notFound` when the project does not have it. */
export async function removeTag(service: Identity, project: Project, tag: string): Promise<void> {
  refuseImmutable('delete', project);
  await changeTags(service, project, (tags) => {
    requireTag({ tags }, tag);
    return tags.filter((name) => name !== tag);
  });
}

/** Throws `notFound` for a tag the project does not have. */
export function requireTag({ tags }: Pick<Project, 'tags'>, tag: string): void {
  if (!tags.includes(tag)) throw missing('project tag', tag);
}

/** Changes the tags a project has by now, so that of several changes at the same time none is lost. */
async function changeTags(
  { changes, projects }: Identity,
  { id }: Project,
  change: (tags: readonly string[]) => readonly string[],
): Promise<void> {
  await changes.apply(async (trx) => {
    const tags = await projects.lockTags(trx, id);
    if (!tags) throw missing('project', id);
    await projects.setTags(trx, id, change(tags));
  });
}

function refuseImmutable(verb: string, project: Project): void {
  if (!isImmutable(project)) return;
  throw forbidden(
    `Cannot ${verb} project tags for ${project.id}, project is immutable. Set "immutable" option to false before ` +
      'creating project tags.',
  );
}
