import type { Credentials } from '#kit/auth/credentials.ts';
import type { Target } from '#kit/auth/rule-parser.ts';
import type { Api } from '#kit/http/api.ts';
import type { Endpoint } from '#kit/http/endpoint.ts';

/** Whose things an endpoint is called with: those of personas in project-a, or of the stranger in project-b. */
export const owners = ['a', 'b'] as const;
/** One of {@link owners}. */
export type Owner = (typeof owners)[number];

/** The user who owns what is `a`'s or `b`'s, and that user's project. */
export const ownerIds: Readonly<Record<Owner, { readonly user: string; readonly project: string }>> = {
  a: { user: 'member-user', project: 'project-a' },
  b: { user: 'stranger-user', project: 'project-b' },
};

/** How an endpoint is called so that it comes as far as its policy. */
export interface Asked {
  /** Path parameters by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The rule that a handler asks itself, of an endpoint that names none. */
export interface Guard {
  readonly rule: string;
  /** Calls that are let through without asking the rule. */
  readonly unless?: (owner: Owner, caller: Credentials) => boolean;
}

/** Guards by the path of their endpoint. */
export type Guards = Readonly<Record<string, Guard>>;

/** A service with things of two owners in it, for calling every endpoint on them. */
export interface AuthzWorld {
  readonly service: unknown;
  ask(endpoint: Endpoint, owner: Owner): Asked;
  /**
   * What the endpoint's rule is to be checked against by OpenStack's own account, worked out from the path and not from
   * the code under test.
   */
  target(endpoint: Endpoint, owner: Owner, caller: Credentials): Target;
  /** By path of a GET endpoint without a policy: what its handler checks itself. Others are open to any token. */
  readonly guards?: Guards;
  close(): Promise<void>;
}

/** An API and how to build a world for it. */
export interface Subject {
  readonly api: Api<never>;
  build(): Promise<AuthzWorld>;
}

/** The names in braces of a path. */
export const paramsOf = (path: string): string[] =>
  [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
