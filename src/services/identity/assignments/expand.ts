import type { RoleGraph } from '../roles/graph.ts';
import type { Actor, Assignment, Target } from './store.ts';

/** A role somebody effectively has, and by what: a group, a target above, another role that implies it. */
export interface EffectiveAssignment {
  readonly actor: Actor;
  readonly target: Target;
  readonly roleId: string;
  /** Whether it is handed down to the projects below the target, not had there. */
  readonly inherited: boolean;
  readonly viaGroup?: string;
  readonly viaTarget?: Target;
  readonly viaRole?: string;
}

/** The users a group stands for. */
export function expandGroups(
  assignments: readonly Assignment[],
  members: ReadonlyMap<string, readonly string[]>,
): EffectiveAssignment[] {
  return assignments.flatMap((assignment): EffectiveAssignment[] => {
    if (assignment.actor.type === 'user') return [assignment];
    const group = assignment.actor.id;
    return (members.get(group) ?? []).map((id) => ({
      ...assignment,
      actor: { type: 'user', id },
      viaGroup: group,
    }));
  });
}

/** The projects that an inherited role is had on. `below` are the projects under a target, itself not among them. */
export function expandInherited(
  assignments: readonly EffectiveAssignment[],
  below: (target: Target) => readonly string[],
  wanted?: ReadonlySet<string>,
): EffectiveAssignment[] {
  return assignments.flatMap((assignment): EffectiveAssignment[] => {
    if (!assignment.inherited) return [assignment];
    return below(assignment.target)
      .filter((id) => !wanted || wanted.has(id))
      .map((id) => ({
        ...assignment,
        inherited: false,
        target: { type: 'project', id },
        viaTarget: assignment.target,
      }));
  });
}

/** Adds the roles that are implied, however indirectly; a domain's own roles only imply and are left out. */
export function expandRoles(
  assignments: readonly EffectiveAssignment[],
  graph: RoleGraph,
): EffectiveAssignment[] {
  return assignments
    .flatMap((assignment) => [
      assignment,
      ...implications(graph, assignment.roleId).map(({ role, by }) => ({
        ...assignment,
        roleId: role,
        viaRole: by,
      })),
    ])
    .filter(({ roleId }) => graph.role(roleId)?.domainId === null);
}

/** The roles implied by `roleId`, each once, with the role that implies it directly. */
function implications(graph: RoleGraph, roleId: string): { role: string; by: string }[] {
  const reached: { role: string; by: string }[] = [{ role: roleId, by: '' }];
  for (const { role: prior } of reached) {
    for (const implied of graph.impliedBy(prior))
      if (!reached.some(({ role }) => role === implied)) reached.push({ role: implied, by: prior });
  }
  return reached.slice(1);
}

/** Answers what is below a target, from the parents of all projects. */
export function treeBelow(
  projects: readonly { readonly id: string; readonly parentId: string | null }[],
): (target: Target) => string[] {
  const children = new Map<string, string[]>();
  for (const { id, parentId } of projects) {
    if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  }
  return (target) => {
    const reached = [...(children.get(target.id) ?? [])];
    // the list grows while it is walked
    for (const id of reached) reached.push(...(children.get(id) ?? []));
    return reached;
  };
}
