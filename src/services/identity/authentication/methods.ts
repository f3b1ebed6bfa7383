import type { Clock } from '#kit/clock/clock.ts';
import { notFound, unauthorized } from '#kit/errors/cloud-error.ts';

import type { ApplicationCredential, ApplicationCredentialStore } from '../application-credentials/store.ts';
import { expecting, forbiddenAction, found, notAuthenticated } from '../errors.ts';
import { msOf } from '../expiry.ts';
import type { ConsumerStore } from '../oauth-consumers/store.ts';
import { isSigned, oauthParameters, problemOf, type SignedRequest } from '../oauth-tokens/signature.ts';
import type { AccessToken, OauthTokenStore } from '../oauth-tokens/store.ts';
import type { PasswordHasher } from '../passwords/hasher.ts';
import type { TokenProvider } from '../tokens/provider.ts';
import type { UserStore } from '../users/store.ts';
import type { Lookup } from './lookup.ts';
import type { AuthIdentity, AuthRequest } from './schema.ts';

/** Who somebody proved to be, and what limits the token made of it. */
export interface Proof {
  readonly userId: string;
  /** The method, and those of the token it was proved by. */
  readonly methods: readonly string[];
  /** Milliseconds since the epoch; Infinity for one without an end. */
  readonly expiresAt?: number;
  readonly parentAuditId?: string;
  readonly applicationCredential?: ApplicationCredential;
  readonly accessToken?: AccessToken;
}

/** Where the methods look up whom and what they are given. */
export interface MethodParts {
  readonly clock: Clock;
  readonly lookup: Lookup;
  readonly users: UserStore;
  readonly applicationCredentials: ApplicationCredentialStore;
  readonly oauthConsumers: ConsumerStore;
  readonly oauthTokens: OauthTokenStore;
  readonly hasher: PasswordHasher;
  readonly tokens: TokenProvider;
}

type Method = (parts: MethodParts, auth: AuthRequest, request: SignedRequest) => Promise<Proof>;

/** The ways to prove who one is. */
const methods: Readonly<Record<string, Method>> = {
  password: byPassword,
  token: byToken,
  application_credential: byApplicationCredential,
  oauth1: byOauth,
};

/**
 * The methods there are. A refusal of any other names them to the client, and rules for multi-factor authentication
 * count only these.
 */
export const methodNames = Object.keys(methods);

/** Throws `badRequest` for methods that are named but not given, `unauthorized` for those that do not exist. */
export function requireMethods(names: readonly string[], identity: AuthIdentity): void {
  const absent = names.find((name) => !Object.hasOwn(identity, name));
  if (absent !== undefined) throw expecting(absent, 'identity');
  if (names.some((name) => !Object.hasOwn(methods, name)))
    throw unauthorized('Attempted to authenticate with an unsupported method.', {
      code: 'AuthMethodNotSupported',
    });
}

/** Runs a method there is. Throws `unauthorized` when nothing is proved. */
export const prove = (
  parts: MethodParts,
  name: string,
  auth: AuthRequest,
  request: SignedRequest,
): Promise<Proof> => methods[name]!(parts, auth, request);

/** A wrong name costs what a wrong password costs, so that names cannot be found out by the time it takes. */
async function byPassword({ lookup, users, hasher }: MethodParts, { identity }: AuthRequest): Promise<Proof> {
  const given = identity.password!.user;
  if (!given) throw expecting('user', 'password');
  const user = await lookup.user(given);
  const hash = user && (await users.passwordHash(user.id));
  const matches = await hasher.verify(given.password ?? '', given.password === undefined ? null : hash);
  if (!matches || !user) throw notAuthenticated();
  return { userId: user.id, methods: ['password'] };
}

async function byToken(parts: MethodParts, { identity, scope }: AuthRequest): Promise<Proof> {
  const { tokens, applicationCredentials } = parts;
  const token = await tokens.validate(identity.token!.id);
  const asked = typeof scope === 'object' ? scope : {};
  if (token.oauth) {
    throw forbiddenAction(
      'Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead',
    );
  }
  if (token.trust) {
    throw forbiddenAction(
      'Using trust-scoped token to create another token. Create a new trust-scoped token instead',
    );
  }
  if (token.scope.kind === 'system' && (asked.project || asked.domain)) {
    throw forbiddenAction(
      'Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.',
    );
  }
  if (token.applicationCredential && (scope === 'unscoped' || Object.keys(asked).length > 0)) {
    throw forbiddenAction('Using an application credential token to create a scoped token is not allowed.');
  }
  // the new token stays within the bounds of the application credential
  const bounds =
    token.applicationCredential && (await applicationCredentials.find(token.applicationCredential.id));
  return {
    userId: token.user.id,
    methods: ['token', ...token.methods],
    expiresAt: token.expiresAt,
    parentAuditId: token.auditIds.at(-1)!,
    ...(bounds && { applicationCredential: bounds }),
  };
}

async function byApplicationCredential(parts: MethodParts, { identity }: AuthRequest): Promise<Proof> {
  const { clock, lookup, hasher, applicationCredentials } = parts;
  const given = identity.application_credential!;
  const credential = await findApplicationCredential(parts, given);
  const user = credential && (await lookup.user({ id: credential.userId }));
  const hash = credential && (await applicationCredentials.secretHash(credential.id));
  const matches = await hasher.verify(given.secret ?? '', given.secret === undefined ? null : hash);
  if (!matches || !credential || !user) throw notAuthenticated();
  const expiresAt = msOf(credential.expiresAtMicros);
  if (clock.now() >= expiresAt) throw notAuthenticated();
  return {
    userId: user.id,
    methods: ['application_credential'],
    applicationCredential: credential,
    expiresAt,
  };
}

/** The request itself is signed by the consumer, with what a user granted it. */
async function byOauth(
  { clock, oauthConsumers, oauthTokens }: MethodParts,
  _auth: AuthRequest,
  request: SignedRequest,
): Promise<Proof> {
  const parameters = oauthParameters(request);
  const id = parameters.get('oauth_token');
  if (!id) throw expecting('oauth_token', 'request');
  const access = await oauthTokens.findAccess(id);
  if (!access) throw notFound('Access token not found');
  const expiresAt = access.expiresAt ?? Infinity;
  if (clock.now() >= expiresAt) throw notAuthenticated();
  const consumer = await oauthConsumers.find(access.consumerId);
  const isValid =
    consumer &&
    parameters.get('oauth_consumer_key') === consumer.id &&
    problemOf(parameters, clock.now()) === undefined &&
    isSigned(request, parameters, { consumer: consumer.secret, token: access.secret });
  if (!isValid) throw notAuthenticated();
  return { userId: access.userId, methods: ['oauth1'], accessToken: access, expiresAt };
}

type Given = NonNullable<AuthIdentity['application_credential']>;

async function findApplicationCredential(
  { lookup, applicationCredentials }: MethodParts,
  { id, name, user }: Given,
): Promise<ApplicationCredential | undefined> {
  if (id) return found(await applicationCredentials.find(id), 'Application Credential', id);
  if (!name) throw expecting('id or name', 'application credential');
  if (!user) throw expecting('user', 'application credential');
  const owner = await lookup.user(user);
  return owner && (await applicationCredentials.list({ userId: owner.id, name }))[0];
}
