import type { GroupStore } from '../groups/store.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import type { Remembered } from '../remembered.ts';
import type { RoleGraph } from '../roles/graph.ts';
import type { Role } from '../roles/store.ts';
import type { Actor, Assignment, AssignmentStore, Target } from './store.ts';
import { systemTarget } from './store.ts';

/** What effective roles are worked out from. */
export interface EffectiveParts {
  readonly assignments: AssignmentStore;
  readonly groups: GroupStore;
  readonly projects: ProjectStore;
  readonly roleGraph: Remembered<RoleGraph>;
}

/** The roles a user really has: its own, its groups', those inherited from above, and all that these imply. */
export class EffectiveRoles {
  readonly #parts: EffectiveParts;

  constructor(parts: EffectiveParts) {
    this.#parts = parts;
  }

  /** A user's roles on a project. */
  async onProject(userId: string, project: Project): Promise<Role[]> {
    return this.#granted(await this.#onProject(userId, project));
  }

  /** A user's roles on a project as {@link onProject}, and the domains' own roles by which it has them. */
  async allOnProject(userId: string, project: Project): Promise<Role[]> {
    const graph = await this.#parts.roleGraph.get();
    return graph.closure((await this.#onProject(userId, project)).map((a) => a.roleId));
  }

  /** A user's roles on a domain. */
  async onDomain(userId: string, domainId: string): Promise<Role[]> {
    const assignments = await this.#assignments(userId, [{ type: 'domain', id: domainId }]);
    return this.#granted(assignments.filter((a) => !a.inherited));
  }

  /** A user's roles on the system. */
  async onSystem(userId: string): Promise<Role[]> {
    return this.#granted(await this.#assignments(userId, [systemTarget]));
  }

  /** The projects and domains on which a user has any role: what it may scope a token to. */
  async targetsOf(userId: string): Promise<{ projects: Project[]; domains: Project[]; system: boolean }> {
    const graph = await this.#parts.roleGraph.get();
    const assignments = (await this.#parts.assignments.list({ actors: await this.#actors(userId) })).filter(
      ({ roleId }) => graph.granted([roleId]).length > 0,
    );
    const direct = (type: Target['type']) =>
      assignments.filter((a) => a.target.type === type && !a.inherited).map((a) => a.target.id);
    const inherited = assignments.filter((a) => a.inherited).map((a) => a.target.id);
    const below = await Promise.all([...new Set(inherited)].map((id) => this.#parts.projects.subtree(id)));
    const own = await this.#parts.projects.byIds([...new Set(direct('project'))]);
    const projects = new Map([...own, ...below.flat()].map((project) => [project.id, project]));
    return {
      projects: [...projects.values()],
      domains: await this.#parts.projects.byIds([...new Set(direct('domain'))]),
      system: direct('system').length > 0,
    };
  }

  async #onProject(userId: string, project: Project): Promise<Assignment[]> {
    const above = await this.#parts.projects.parents(project.id);
    const sources: Target[] = above.flatMap((p) => [
      { type: 'project', id: p.id },
      ...(p.isDomain ? [{ type: 'domain', id: p.id } as const] : []),
    ]);
    const assignments = await this.#assignments(userId, [{ type: 'project', id: project.id }, ...sources]);
    // what is inherited from a project is not had on that project itself
    return assignments.filter(({ target, inherited }) => inherited === (target.id !== project.id));
  }

  async #actors(userId: string): Promise<Actor[]> {
    const groups = await this.#parts.groups.idsOfUser(userId);
    return [{ type: 'user', id: userId }, ...groups.map((id) => ({ type: 'group', id }) as const)];
  }

  async #assignments(userId: string, targets: readonly Target[]): Promise<Assignment[]> {
    return this.#parts.assignments.list({ actors: await this.#actors(userId), targets });
  }

  async #granted(assignments: readonly Assignment[]): Promise<Role[]> {
    const graph = await this.#parts.roleGraph.get();
    return graph.granted(assignments.map((a) => a.roleId));
  }
}
