import type { Implication, Role } from './store.ts';

/** All roles and which implies which; an implication of a role made or deleted since the roles were read is left out. */
export class RoleGraph {
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #implied = new Map<string, string[]>();

  constructor(roles: readonly Role[], implications: readonly Implication[]) {
    this.#roles = new Map(roles.map((role) => [role.id, role]));
    for (const { priorRoleId, impliedRoleId } of implications) {
      if (!this.#roles.has(priorRoleId) || !this.#roles.has(impliedRoleId)) continue;
      this.#implied.set(priorRoleId, [...this.impliedBy(priorRoleId), impliedRoleId]);
    }
  }

  role(id: string): Role | undefined {
    return this.#roles.get(id);
  }

  /** The roles that imply others. */
  priors(): Role[] {
    return [...this.#implied.keys()].map((id) => this.#roles.get(id)!);
  }

  /** The ids of the roles a role implies directly. */
  impliedBy(id: string): readonly string[] {
    return this.#implied.get(id) ?? [];
  }

  /** These roles and all they imply, however indirectly. */
  closure(ids: Iterable<string>): Role[] {
    const reached = new Set<string>(ids);
    // a set yields what is added to it while it is walked
    for (const id of reached) for (const implied of this.impliedBy(id)) reached.add(implied);
    return [...reached].flatMap((id) => this.#roles.get(id) ?? []);
  }

  /** What a token carries of {@link closure}: a domain's own roles only imply, they are never granted themselves. */
  granted(ids: Iterable<string>): Role[] {
    return this.closure(ids).filter((role) => role.domainId === null);
  }
}
