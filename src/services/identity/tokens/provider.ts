import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Authenticate, Credentials } from '#kit/auth/credentials.ts';
import type { Clock } from '#kit/clock/clock.ts';
import { CloudError, isKind, notFound } from '#kit/errors/cloud-error.ts';

import type { Changes } from '../changes.ts';
import { notAuthenticated } from '../errors.ts';
import type { KeyRepository } from './keys.ts';
import { packPayload, type PayloadScope, type TokenPayload, unpackPayload } from './payload.ts';
import type { TokenResolver } from './resolver.ts';
import type { Token } from './token.ts';

/** What a new token is to say. Times are milliseconds since the epoch. */
export interface TokenRequest {
  readonly userId: string;
  readonly methods: readonly string[];
  readonly scope: PayloadScope;
  /** Left out: a whole lifetime from now. */
  readonly expiresAt?: number;
  /** The audit id of the first token in the chain, when this one is made from another. */
  readonly parentAuditId?: string;
}

/** What tokens are issued and validated with. */
export interface TokenProviderParts {
  readonly clock: Clock;
  readonly changes: Changes;
  readonly keys: KeyRepository;
  readonly resolver: TokenResolver;
  /** Milliseconds. */
  readonly lifetime: number;
}

const mostCached = 4096;

/**
 * Issues and validates tokens. A token that was found valid is kept, by its text, until anything changes in Identity:
 * then all are forgotten, and each is looked up anew when it is next shown.
 */
export class TokenProvider {
  readonly #parts: TokenProviderParts;
  readonly #valid = new Map<string, Token>();
  #revision = -1;

  constructor(parts: TokenProviderParts) {
    this.#parts = parts;
  }

  /** Makes a token. Throws `unauthorized` when its user has no role in the scope, or may not be there. */
  async issue(request: TokenRequest): Promise<Token> {
    const revision = await this.#parts.changes.current();
    let token = await this.#mint(request);
    if (await this.#parts.resolver.isRevoked(token)) {
      // an event revokes what was issued up to its second; a token born in that second must not be among that
      await this.#nextSecond();
      token = await this.#mint(request);
    }
    this.#keep(token, revision);
    return token;
  }

  /**
   * The token behind a text. `window` is how many milliseconds past its end it is still accepted. Throws `notFound` when
   * it is malformed, expired or revoked, or its user, scope or roles are no longer there.
   */
  validate(text: string, window = 0): Token | Promise<Token> {
    const revision = this.#parts.changes.current();
    if (revision instanceof Promise) return revision.then((now) => this.#validateAt(now, text, window));
    return this.#validateAt(revision, text, window);
  }

  /** For the pipelines of all services: the credentials behind a token, `unauthorized` without. */
  readonly authenticate: Authenticate = (text) => {
    try {
      const token = this.validate(text);
      return token instanceof Promise ? token.then((valid) => valid.credentials, refuse) : token.credentials;
    } catch (error) {
      return refuse(error);
    }
  };

  #validateAt(revision: number, text: string, window: number): Token | Promise<Token> {
    if (revision === this.#revision) {
      const kept = this.#valid.get(text);
      if (kept) return this.#unexpired(kept, window);
    }
    return this.#lookUp(revision, text, window);
  }

  async #lookUp(revision: number, text: string, window: number): Promise<Token> {
    const opened = this.#parts.keys.unseal(text);
    if (!opened) throw notFound('Could not recognize Fernet token');
    const payload = unpackPayload(opened.payload);
    if (!payload) throw notFound('This is not a recognized Fernet payload version');
    const token = await this.#parts.resolver.resolve(text, payload, opened.createdAt * 1000);
    if (!token) throw notFound(`Could not find token: ${text}.`);
    this.#unexpired(token, window);
    if (await this.#parts.resolver.isRevoked(token)) throw notFound('Failed to validate token');
    this.#keep(token, revision);
    return token;
  }

  #unexpired(token: Token, window: number): Token {
    if (this.#parts.clock.now() >= token.expiresAt + window) throw notFound('Failed to validate token');
    return token;
  }

  async #mint(request: TokenRequest): Promise<Token> {
    const { clock, keys, lifetime, resolver } = this.#parts;
    const seconds = Math.floor(clock.now() / 1000);
    const payload: TokenPayload = {
      userId: request.userId,
      methods: request.methods,
      scope: request.scope,
      expiresAt: request.expiresAt ?? seconds * 1000 + lifetime,
      auditIds: [newAuditId(), ...(request.parentAuditId === undefined ? [] : [request.parentAuditId])],
    };
    const text = keys.seal(packPayload(payload), seconds);
    const token = await resolver.resolve(text, payload, seconds * 1000).catch(notAuthenticatedIfMissing);
    if (!token) throw notAuthenticated();
    return token;
  }

  #keep(token: Token, revision: number): void {
    if (revision !== this.#revision) {
      // what is kept was read under an older revision, or this token was
      if (revision < this.#revision) return;
      this.#valid.clear();
      this.#revision = revision;
    }
    if (this.#valid.size >= mostCached) this.#valid.delete(this.#valid.keys().next().value!);
    this.#valid.set(token.text, token);
  }

  /** Waits until the clock shows the next second; gives up on one that stands still. */
  async #nextSecond(): Promise<void> {
    const { clock } = this.#parts;
    const next = (Math.floor(clock.now() / 1000) + 1) * 1000;
    for (let tries = 0; clock.now() < next && tries < 60; tries++) await sleep(20);
  }
}

const newAuditId = (): string => randomBytes(16).toString('base64url');

function refuse(error: unknown): Credentials {
  throw error instanceof CloudError ? notAuthenticated(error) : error;
}

function notAuthenticatedIfMissing(error: unknown): never {
  throw isKind(error, 'notFound') ? notAuthenticated(error) : error;
}
