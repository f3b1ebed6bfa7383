import type { EffectiveAssignment } from './expand.ts';
import type { TargetType } from './store.ts';

/** Names to show beside ids. */
export interface Names {
  readonly users: NameTable;
  readonly groups: NameTable;
  readonly projects: NameTable;
  readonly roles: NameTable;
}

/** Names by id, with the domain each is in; null for what is in none. */
export type NameTable = ReadonlyMap<string, { readonly name: string; readonly domainId: string | null }>;

/** An assignment as `GET /role_assignments` shows it, with names where they are wanted. */
export function viewAssignment(assignment: EffectiveAssignment, origin: string, names?: Names) {
  const { actor, target, roleId, viaTarget } = assignment;
  const handedDown = assignment.inherited || viaTarget !== undefined;
  return {
    links: linksOf(assignment, `${origin}/v3`),
    scope: {
      ...(target.type === 'system'
        ? { system: { all: true } }
        : { [target.type]: withNames(target.id, names?.projects, names) }),
      ...(handedDown && { 'OS-INHERIT:inherited_to': 'projects' }),
    },
    [actor.type]: withNames(actor.id, names?.[`${actor.type}s`], names),
    role: withNames(roleId, names?.roles, names),
  };
}

function withNames(id: string, table: NameTable | undefined, names: Names | undefined) {
  if (!table || !names) return { id };
  const { name, domainId } = table.get(id) ?? { name: '', domainId: null };
  if (domainId === null) return { id, name };
  return { id, name, domain: { id: domainId, name: names.projects.get(domainId)?.name ?? '' } };
}

/** Where the assignment can be found that this one comes from, and what else it depends on. */
function linksOf(assignment: EffectiveAssignment, base: string) {
  const { actor, target, roleId, viaGroup, viaTarget, viaRole } = assignment;
  const source = viaTarget ?? target;
  const holder = viaGroup === undefined ? `${actor.type}s/${actor.id}` : `groups/${viaGroup}`;
  const path = `${placeOf(source.type, source.id)}/${holder}/roles/${viaRole ?? roleId}`;
  const handedDown = assignment.inherited || viaTarget !== undefined;
  return {
    assignment: handedDown ? `${base}/OS-INHERIT${path}/inherited_to_projects` : base + path,
    ...(viaGroup !== undefined && { membership: `${base}/groups/${viaGroup}/users/${actor.id}` }),
    ...(viaRole !== undefined && { prior_role: `${base}/prior_role/${roleId}/implies/${viaRole}` }),
  };
}

const placeOf = (type: TargetType, id: string): string => (type === 'system' ? '/system' : `/${type}s/${id}`);
