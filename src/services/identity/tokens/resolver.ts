import type { Clock } from '#kit/clock/clock.ts';
import { forbidden, notFound } from '#kit/errors/cloud-error.ts';

import type { ApplicationCredentialStore } from '../application-credentials/store.ts';
import type { EffectiveRoles } from '../assignments/effective.ts';
import type { OauthTokenStore } from '../oauth-tokens/store.ts';
import type { Project, ProjectStore } from '../projects/store.ts';
import type { Remembered } from '../remembered.ts';
import { revokes, usersOf } from '../revocations/matching.ts';
import type { RevocationStore } from '../revocations/store.ts';
import type { RoleGraph } from '../roles/graph.ts';
import type { Role } from '../roles/store.ts';
import { livingTrust } from '../trusts/living.ts';
import { pedigreeOf } from '../trusts/redelegation.ts';
import type { TrustStore } from '../trusts/store.ts';
import type { User, UserStore } from '../users/store.ts';
import type { PayloadScope, TokenPayload } from './payload.ts';
import {
  credentialsOf,
  type Token,
  type TokenApplicationCredential,
  type TokenOauth,
  type TokenScope,
  type TokenTrust,
} from './token.ts';

/** Where what a token names is looked up, when it is issued and when it is validated and not cached. */
export interface TokenResolverParts {
  readonly clock: Clock;
  readonly roleGraph: Remembered<RoleGraph>;
  readonly trusts: TrustStore;
  readonly oauthTokens: OauthTokenStore;
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
  readonly trust?: TokenTrust;
  readonly oauth?: TokenOauth;
  /** Who calls, when that is not the token's own user. */
  readonly caller?: User;
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
    const user = await this.#user(payload.userId);
    const opened = await this.#open(user, payload);
    const shown = opened.caller ?? user;
    const domain = await this.#enabledDomain(shown.domainId);
    if (!user.enabled || (opened.scope.kind !== 'unscoped' && opened.roles.length === 0)) return undefined;
    const token = {
      text,
      methods: payload.methods,
      auditIds: payload.auditIds,
      issuedAt,
      expiresAt: payload.expiresAt,
      user: { id: shown.id, name: shown.name, domain: { id: domain.id, name: domain.name } },
      scope: opened.scope,
      roles: opened.roles.map(({ id, name }) => ({ id, name })),
      ...(opened.applicationCredential && { applicationCredential: opened.applicationCredential }),
      ...(opened.trust && { trust: opened.trust }),
      ...(opened.oauth && { oauth: opened.oauth }),
    };
    return { ...token, credentials: credentialsOf(token) };
  }

  /** Whether any revocation event names this token. */
  async isRevoked(token: Token): Promise<boolean> {
    const events = await this.#parts.revocations.candidates({
      userIds: usersOf(token),
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
        return this.#openProject(user, scope);
    }
  }

  async #openProject(user: User, bounds: Extract<PayloadScope, { kind: 'project' }>): Promise<Opened> {
    const project = await this.#parts.projects.find(bounds.id);
    if (!project?.domainId) throw notFound(`Could not find project: ${bounds.id}.`);
    if (!project.enabled) throw notFound(`Unable to validate token because project ${bounds.id} is disabled`);
    const domain = await this.#enabledDomain(project.domainId);
    const scope: TokenScope = {
      kind: 'project',
      project: { id: project.id, name: project.name },
      domain: { id: domain.id, name: domain.name },
      isDomain: project.isDomain,
    };
    if (bounds.trustId !== undefined)
      return { scope, ...(await this.#byTrust(user, project, bounds.trustId)) };
    const roles = await this.#parts.effectiveRoles.onProject(user.id, project);
    if (bounds.accessTokenId !== undefined)
      return { scope, ...(await this.#byAccess(user, roles, bounds.accessTokenId)) };
    if (bounds.applicationCredentialId === undefined) return { scope, roles };
    return this.#narrow({ scope, roles }, user, bounds.applicationCredentialId);
  }

  /** A trust carries its roles, as long as its trustor has them all. */
  async #byTrust(user: User, project: Project, id: string): Promise<Omit<Opened, 'scope'>> {
    const { trusts, clock, roleGraph, effectiveRoles } = this.#parts;
    const trust = await livingTrust(trusts, id, clock.now());
    if (!trust) throw notFound(`Could not find trust: ${id}.`);
    // Keystone does not say what is wrong
    const refused = forbidden('You are not authorized to perform the requested action.');
    const trustor = await this.#user(trust.trustorId);
    if (user.id !== trust.trusteeId || !trustor.enabled) throw refused;
    const origin = (await pedigreeOf(trusts, trust)).at(-1)!;
    const held = await effectiveRoles.allOnProject(origin.trustorId, project);
    const handedOn = (await roleGraph.get()).closure(trust.roleIds);
    if (handedOn.some((role) => !held.some(({ id }) => id === role.id))) throw refused;
    const { trustorId, trusteeId, impersonation } = trust;
    return {
      roles: handedOn.filter((role) => role.domainId === null),
      trust: { id, trustorId, trusteeId, impersonation },
      ...(impersonation && { caller: trustor }),
    };
  }

  /** An access token of OAuth carries those of its roles, and of what they imply, that its user still has. */
  async #byAccess(user: User, held: readonly Role[], id: string): Promise<Omit<Opened, 'scope'>> {
    const access = await this.#parts.oauthTokens.findAccess(id);
    if (!access || access.userId !== user.id) throw notFound('Access token not found');
    const granted = (await this.#parts.roleGraph.get()).granted(access.roleIds);
    return {
      roles: held.filter((role) => granted.some((grant) => grant.id === role.id)),
      oauth: { accessTokenId: id, consumerId: access.consumerId },
    };
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

  /** A user whose domain is enabled. */
  async #user(id: string): Promise<User> {
    const user = await this.#parts.users.find(id);
    if (!user) throw notFound(`Could not find user: ${id}.`);
    await this.#enabledDomain(user.domainId);
    return user;
  }

  async #enabledDomain(id: string): Promise<Project> {
    const domain = await this.#parts.projects.find(id);
    if (!domain?.isDomain) throw notFound(`Could not find domain: ${id}.`);
    if (!domain.enabled) throw notFound(`Unable to validate token because domain ${id} is disabled`);
    return domain;
  }
}
