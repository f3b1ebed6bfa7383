import { expecting } from '../errors.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import type { User, UserStore } from '../users/store.ts';
import type { DomainReference, ProjectReference, UserReference } from './schema.ts';

/** Finds what a request for a token names. What is missing or disabled is undefined; what is not named is a 400. */
export class Lookup {
  readonly #users: UserStore;
  readonly #projects: ProjectStore;

  constructor(users: UserStore, projects: ProjectStore) {
    this.#users = users;
    this.#projects = projects;
  }

  /** An enabled domain. */
  async domain({ id, name }: DomainReference): Promise<Project | undefined> {
    if (!id && !name) throw expecting('id or name', 'domain');
    const found = name ? await this.#projects.findByName(null, name) : await this.#projects.find(id!);
    return found?.isDomain && found.enabled ? found : undefined;
  }

  /** An enabled project in an enabled domain. */
  async project({ id, name, domain }: ProjectReference): Promise<Project | undefined> {
    if (!id && !name) throw expecting('id or name', 'project');
    if (!name) return this.#usable(await this.#projects.find(id!));
    if (!domain) throw expecting('domain', 'project');
    const within = await this.domain(domain);
    return within && this.#usable(await this.#projects.findByName(within.id, name));
  }

  /** An enabled user in an enabled domain. */
  async user({ id, name, domain }: UserReference): Promise<User | undefined> {
    if (!id && !name) throw expecting('id or name', 'user');
    if (name && !domain) throw expecting('domain', 'user');
    const within = name ? await this.domain(domain!) : undefined;
    const found = name
      ? within && (await this.#users.findByName(within.id, name))
      : await this.#users.find(id!);
    if (!found?.enabled) return undefined;
    return (await this.domain({ id: found.domainId })) && found;
  }

  async #usable(project: Project | undefined): Promise<Project | undefined> {
    if (!project?.domainId || !project.enabled) return undefined;
    return (await this.domain({ id: project.domainId })) && project;
  }
}
