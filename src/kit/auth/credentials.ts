import type { AccessRule } from './access-rules.ts';

/** Who is calling, as a validated token says it. Immutable and shared between requests: it is cached by token. */
export interface Credentials {
  readonly userId: string;
  readonly userName: string;
  readonly userDomainId: string;
  readonly userDomainName: string;
  /** Set when the token is scoped to a project. */
  readonly projectId?: string;
  readonly projectName?: string;
  readonly projectDomainId?: string;
  readonly projectDomainName?: string;
  /** Set when the token is scoped to a domain. */
  readonly domainId?: string;
  readonly domainName?: string;
  /** True when the token is scoped to the system. */
  readonly system: boolean;
  /** Role names, implied ones included. */
  readonly roles: readonly string[];
  /** The token itself, for services that hand it on. Never logged. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly methods: readonly string[];
  /** Set when the token came from an application credential. */
  readonly applicationCredentialId?: string;
  /** Whether that application credential may manage others (Keystone's `unrestricted`). */
  readonly unrestricted?: boolean;
  /** Set when that application credential may only make certain requests. */
  readonly accessRules?: readonly AccessRule[];
}

/** The scope a token has, in the words oslo.policy uses for `scope_types`. */
export type Scope = 'project' | 'domain' | 'system' | 'unscoped';

/** Which scope these credentials have. */
export function scopeOf(credentials: Credentials): Scope {
  if (credentials.system) return 'system';
  if (credentials.projectId) return 'project';
  return credentials.domainId ? 'domain' : 'unscoped';
}

/**
 * Turns a token into credentials. Throws `unauthorized` when the token is unknown, expired or revoked.
 * May answer synchronously: a cached token costs no promise.
 */
export type Authenticate = (token: string) => Credentials | Promise<Credentials>;
