import type { Authenticate } from '#kit/auth/credentials.ts';

/** A project as other services see it. */
export interface ProjectFacts {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
}

/** What other services may know of Identity. */
export interface IdentityContract {
  /** Validates a token; answers from a cache that every change to users, roles, projects or revocations clears. */
  readonly authenticate: Authenticate;
  /** A project by id; undefined when there is none. */
  project(id: string): Promise<ProjectFacts | undefined>;
}
