import type { Credentials } from '#kit/auth/credentials.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What a token opens. */
export type TokenScope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: Named; readonly domain: Named; readonly isDomain: boolean }
  | { readonly kind: 'domain'; readonly domain: Named }
  | { readonly kind: 'system' };

/** The application credential behind a token. */
export interface TokenApplicationCredential extends Named {
  readonly unrestricted: boolean;
  readonly accessRules: readonly {
    readonly id: string;
    readonly service: string;
    readonly path: string;
    readonly method: string;
  }[];
}

/** The trust behind a token. */
export interface TokenTrust {
  readonly id: string;
  readonly trustorId: string;
  readonly trusteeId: string;
  readonly impersonation: boolean;
}

/** The access token of OAuth behind a token. */
export interface TokenOauth {
  readonly accessTokenId: string;
  readonly consumerId: string;
}

/** A token that is valid as far as the database knows; only time may end it. Times are milliseconds since the epoch. */
export interface Token {
  readonly text: string;
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Who calls by it; by a trust with impersonation, its trustor. */
  readonly user: Named & { readonly domain: Named };
  readonly scope: TokenScope;
  /** Implied roles included. */
  readonly roles: readonly Named[];
  readonly applicationCredential?: TokenApplicationCredential;
  readonly trust?: TokenTrust;
  readonly oauth?: TokenOauth;
  /** The same for services that only ask who calls. */
  readonly credentials: Credentials;
}

/** The credentials a token stands for. */
export function credentialsOf(token: Omit<Token, 'credentials'>): Credentials {
  const { user, scope, applicationCredential } = token;
  return {
    userId: user.id,
    userName: user.name,
    userDomainId: user.domain.id,
    userDomainName: user.domain.name,
    ...(scope.kind === 'project' && {
      projectId: scope.project.id,
      projectName: scope.project.name,
      projectDomainId: scope.domain.id,
      projectDomainName: scope.domain.name,
    }),
    ...(scope.kind === 'domain' && { domainId: scope.domain.id, domainName: scope.domain.name }),
    system: scope.kind === 'system',
    roles: token.roles.map((role) => role.name),
    token: token.text,
    expiresAt: token.expiresAt,
    methods: token.methods,
    ...(applicationCredential && {
      applicationCredentialId: applicationCredential.id,
      unrestricted: applicationCredential.unrestricted,
      ...(applicationCredential.accessRules.length > 0 && {
        accessRules: applicationCredential.accessRules,
      }),
    }),
  };
}
