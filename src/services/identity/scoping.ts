import type { Credentials } from '#kit/auth/credentials.ts';
import { badRequest, type CloudError } from '#kit/errors/cloud-error.ts';

/** The domain that is always there. */
export const defaultDomainId = 'default';

/** The domain something is made in: the one named, else that of a domain-scoped token, else the default one. */
export const domainFor = (named: string | null | undefined, { domainId }: Credentials): string =>
  named || domainId || defaultDomainId;

/** Throws `badRequest` for an update that would move a resource to another domain. */
export function refuseMove(named: string | null | undefined, domainId: string | null): void {
  if (named !== undefined && named !== domainId) throw badRequest('Cannot change Domain ID');
}

/** Throws `badRequest`, or the error given, for an update whose body names another id than its path. */
export function refuseOtherId(named: unknown, id: string, error: () => CloudError = cannotChange): void {
  if (named !== undefined && named !== null && named !== id) throw error();
}

const cannotChange = () => badRequest('Cannot change ID');
