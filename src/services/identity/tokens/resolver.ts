import { notFound } from '#kit/errors/cloud-error.ts';

import type { ApplicationCredentialStore } from '../application-credentials/store.ts';
import type { EffectiveRoles } from '../assignments/effective.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import { revokes } from '../revocations/matching.ts';
import type { RevocationStore } from '../revocations/store.ts';
import type { Role } from '../roles/store.ts';
import type { User, UserStore } from '../users/store.ts';
import type { TokenPayload } from './payload.ts';
import { credentialsOf, type Token, type TokenApplicationCredential, type TokenScope } from './token.ts';

export interface TokenResolverParts {
  readonly users: UserStore;
  readonly projects: ProjectStore;
  readonly effectiveRoles: EffectiveRoles;
  readonly applicationCredentials: ApplicationCredentialStore;
  readonly revocations: RevocationStore;
}

interface Opened {
  readonly scope: TokenScope;
  readonly roles: readonly Role[];
  readonly applicationCredential?: TokenApplicationCredential;
}

/** Turns what a token says about itself into what it means now (keystone/models/token_model.py). */
export class TokenResolver {
  readonly #parts: TokenResolverParts;

  constructor(parts: TokenResolverParts) {
    this.#parts = parts;
  }

  /**
   * The token, whether or not its time is over; undefined when its user is disabled or has no role in its scope. Throws
   * `notFound` when something it names does not exist or is disabled. `issuedAt` is in milliseconds since the epoch.
   */
  async resolve(text: string, payload: TokenPayload, issuedAt: number): Promise<Token | undefined> {
    const user = await this.#parts.users.find(payload.userId);
    if (!user) throw notFound(`Could not find user: ${payload.userId}.`);
    const domain = await this.#enabledDomain(user.domainId);
    const opened = await this.#open(user, payload);
    if (!user.enabled || (opened.scope.kind !== 'unscoped' && opened.roles.length === 0)) return undefined;
    const token = {
      text,
      methods: payload.methods,
      auditIds: payload.auditIds,
      issuedAt,
      expiresAt: payload.expiresAt,
      user: { id: user.id, name: user.name, domain: { id: domain.id, name: domain.name } },
      scope: opened.scope,
      roles: opened.roles.map(({ id, name }) => ({ id, name })),
      ...(opened.applicationCredential && { applicationCredential: opened.applicationCredential }),
    };
    return { ...token, credentials: credentialsOf(token) };
  }

  /** Whether any revocation event names this token. */
  async isRevoked(token: Token): Promise<boolean> {
    const events = await this.#parts.revocations.candidates({
      userId: token.user.id,
      projectId: token.scope.kind === 'project' ? token.scope.project.id : undefined,
      auditId: token.auditIds[0]!,
      issuedAt: token.issuedAt,
    });
    return events.some((event) => revokes(event, token));
  }

  async #open(user: User, payload: TokenPayload): Promise<Opened> {
    const { scope } = payload;
    switch (scope.kind) {
      case 'unscoped':
        return { scope, roles: [] };
      case 'system':
        return { scope, roles: await this.#parts.effectiveRoles.onSystem(user.id) };
      case 'domain': {
        const { id, name } = await this.#enabledDomain(scope.id);
        const roles = await this.#parts.effectiveRoles.onDomain(user.id, id);
        return { scope: { kind: 'domain', domain: { id, name } }, roles };
      }
      case 'project':
        return this.#openProject(user, scope.id, scope.applicationCredentialId);
    }
  }

  async #openProject(user: User, projectId: string, credentialId: string | undefined): Promise<Opened> {
    const project = await this.#parts.projects.find(projectId);
    if (!project?.domainId) throw notFound(`Could not find project: ${projectId}.`);
    if (!project.enabled) throw notFound(`Unable to validate token because project ${projectId} is disabled`);
    const domain = await this.#enabledDomain(project.domainId);
    const roles = await this.#parts.effectiveRoles.onProject(user.id, project);
    const opened: Opened = {
      scope: {
        kind: 'project',
        project: { id: project.id, name: project.name },
        domain: { id: domain.id, name: domain.name },
        isDomain: project.isDomain,
      },
      roles,
    };
    return credentialId === undefined ? opened : this.#narrow(opened, user, credentialId);
  }

  /** An application credential carries those of its roles that its user still has. */
  async #narrow(opened: Opened, user: User, credentialId: string): Promise<Opened> {
    const credential = await this.#parts.applicationCredentials.find(credentialId);
    if (!credential || credential.userId !== user.id)
      throw notFound(`Could not find Application Credential: ${credentialId}.`);
    return {
      scope: opened.scope,
      roles: opened.roles.filter((role) => credential.roleIds.includes(role.id)),
      applicationCredential: {
        id: credential.id,
        name: credential.name,
        unrestricted: credential.unrestricted,
        accessRules: credential.accessRules.map(({ id, service, path, method }) => ({
          id,
          service,
          path,
          method,
        })),
      },
    };
  }

  async #enabledDomain(id: string): Promise<Project> {
    const domain = await this.#parts.projects.find(id);
    if (!domain?.isDomain) throw notFound(`Could not find domain: ${id}.`);
    if (!domain.enabled) throw notFound(`Unable to validate token because domain ${id} is disabled`);
    return domain;
  }
}
