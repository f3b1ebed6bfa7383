import { forbidden, unauthorized } from '#kit/errors/cloud-error.ts';

import type { EffectiveRoles } from '../assignments/effective.ts';
import type { Changes } from '../changes.ts';
import { expecting, notAuthenticated } from '../errors.ts';
import { msOf } from '../expiry.ts';
import type { SignedRequest } from '../oauth-tokens/signature.ts';
import type { PayloadScope } from '../tokens/payload.ts';
import type { Token } from '../tokens/token.ts';
import { livingTrust } from '../trusts/living.ts';
import type { TrustStore } from '../trusts/store.ts';
import type { User } from '../users/store.ts';
import { type MethodParts, type Proof, prove, requireMethods } from './methods.ts';
import { satisfiesMfaRules } from './mfa.ts';
import type { AuthRequest } from './schema.ts';

/** What tokens are made with, besides the methods that prove who asks. */
export interface AuthenticatorParts extends MethodParts {
  readonly effectiveRoles: EffectiveRoles;
  readonly trusts: TrustStore;
  readonly changes: Changes;
  /** A token's lifetime in milliseconds. */
  readonly lifetime: number;
}

const scopeKinds = ['project', 'domain', 'system', 'unscoped', 'OS-TRUST:trust'] as const;

/** Makes tokens for those who can prove who they are (keystone/api/_shared/authentication.py). */
export class Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** The token asked for. Throws `badRequest`, `unauthorized`, or `forbidden` for a rescoping that is not allowed. */
  async authenticate(auth: AuthRequest, request: SignedRequest): Promise<Token> {
    const names = [...new Set(auth.identity.methods)];
    if (names.includes('application_credential') && auth.scope !== undefined) {
      throw unauthorized(
        'Error authenticating with application credential: Application credentials cannot request a scope.',
      );
    }
    if (names.length === 0) throw notAuthenticated();
    const proof = await this.#prove(names, auth, request);
    const user = await this.#parts.users.find(proof.userId);
    if (!user) throw notAuthenticated();
    const scope = await this.#scope(proof, user, auth.scope);
    if (!satisfiesMfaRules(user.options, proof.methods)) {
      throw unauthorized(
        `Insufficient auth methods received for ${user.id}. Auth Methods Provided: [${proof.methods.join(',')}].`,
      );
    }
    const token = await this.#parts.tokens.issue({
      userId: user.id,
      methods: proof.methods,
      scope,
      ...(await this.#end(proof, scope)),
      ...(proof.parentAuditId !== undefined && { parentAuditId: proof.parentAuditId }),
    });
    if (token.trust) await this.#use(token.trust.id);
    return token;
  }

  /** A trust may be good for so many tokens only. */
  async #use(trustId: string): Promise<void> {
    const { trusts, changes } = this.#parts;
    if ((await trusts.find(trustId))?.remainingUses === null) return;
    if (!(await changes.apply((trx) => trusts.use(trx, trustId))))
      throw forbidden(`No remaining uses for trust: ${trustId}.`);
  }

  /** Every method named must succeed, and for the same user. */
  async #prove(names: readonly string[], auth: AuthRequest, request: SignedRequest): Promise<Proof> {
    requireMethods(names, auth.identity);
    const proofs: Proof[] = [];
    for (const name of names) proofs.push(await prove(this.#parts, name, auth, request));
    if (proofs.some((proof) => proof.userId !== proofs[0]!.userId)) throw notAuthenticated();
    const ends = proofs.flatMap((proof) => proof.expiresAt ?? []);
    return Object.assign({}, ...proofs, {
      methods: [...new Set(proofs.flatMap((proof) => proof.methods))],
      ...(ends.length > 0 && { expiresAt: Math.min(...ends) }),
    }) as Proof;
  }

  /** A token made from another ends with it; one by an application credential or a trust no later than that. */
  async #end(proof: Proof, scope: PayloadScope): Promise<{ expiresAt?: number }> {
    const trustId = scope.kind === 'project' ? scope.trustId : undefined;
    const trust = trustId === undefined ? undefined : await this.#parts.trusts.find(trustId);
    const end = Math.min(proof.expiresAt ?? Infinity, msOf(trust?.expiresAtMicros ?? null));
    const latest = Math.floor(this.#parts.clock.now() / 1000) * 1000 + this.#parts.lifetime;
    return end < latest ? { expiresAt: end } : {};
  }

  async #scope(proof: Proof, user: User, asked: AuthRequest['scope']): Promise<PayloadScope> {
    const { applicationCredential, accessToken } = proof;
    if (accessToken) return { kind: 'project', id: accessToken.projectId, accessTokenId: accessToken.id };
    if (applicationCredential) {
      const { id, projectId } = applicationCredential;
      return { kind: 'project', id: projectId, applicationCredentialId: id };
    }
    if (asked === 'unscoped') return { kind: 'unscoped' };
    if (asked === undefined) return this.#defaultScope(user);
    const given = typeof asked === 'object' ? scopeKinds.filter((kind) => asked[kind] !== undefined) : [];
    if (typeof asked !== 'object' || given.length !== 1)
      throw expecting('system, project, domain, OS-TRUST:trust or unscoped', 'scope');
    if (asked.project) return this.#named('project', await this.#parts.lookup.project(asked.project));
    if (asked.domain) return this.#named('domain', await this.#parts.lookup.domain(asked.domain));
    if (asked['OS-TRUST:trust']) return this.#byTrust(asked['OS-TRUST:trust'].id);
    return { kind: asked.system ? 'system' : 'unscoped' };
  }

  async #byTrust(id: string | undefined): Promise<PayloadScope> {
    if (!id) throw expecting('trust_id', 'trust');
    const { trusts, clock, lookup } = this.#parts;
    const trust = await livingTrust(trusts, id, clock.now());
    if (!trust?.projectId || trust.remainingUses === 0) throw notAuthenticated();
    const { id: projectId } = this.#named('project', await lookup.project({ id: trust.projectId }));
    return { kind: 'project', id: projectId, trustId: trust.id };
  }

  #named<Kind extends 'project' | 'domain'>(kind: Kind, found: { id: string } | undefined) {
    if (!found) throw notAuthenticated();
    return { kind, id: found.id };
  }

  /** The user's default project when it may be there, else no scope. */
  async #defaultScope(user: User): Promise<PayloadScope> {
    const id = user.defaultProjectId;
    const project = id ? await this.#parts.lookup.project({ id }) : undefined;
    if (!project) return { kind: 'unscoped' };
    const roles = await this.#parts.effectiveRoles.onProject(user.id, project);
    return roles.length > 0 ? { kind: 'project', id: project.id } : { kind: 'unscoped' };
  }
}
