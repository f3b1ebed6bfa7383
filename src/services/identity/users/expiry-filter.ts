import { parseIso } from '#kit/clock/clock.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';

/** Refuses a `password_expires_at` filter that is not `operator:timestamp`. What it asks for no user has. */
export function checkExpiryFilter(filter: string): void {
  const [, operator, time] = /^(?:([a-z]{2,3}):)?(.*)$/s.exec(filter)!;
  if (parseIso(time!) === undefined) {
    throw badRequest(
      'Timestamp not in expected format. The server could not comply with the request since it is either malformed ' +
        'or otherwise incorrect. The client is assumed to be in error.',
    );
  }
  if (operator !== undefined && !['lt', 'gt', 'eq', 'lte', 'gte', 'neq'].includes(operator)) {
    throw badRequest(
      `The given operator ${operator} is not valid. It must be one of the following: 'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'.`,
    );
  }
}
