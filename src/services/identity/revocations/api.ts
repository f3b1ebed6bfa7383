import { parseIso } from '#kit/clock/clock.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import type { Identity } from '../service.ts';
import { viewRevocation } from './view.ts';

const endpoint = endpointOf<Identity>();

/** https://docs.openstack.org/api-ref/identity/v3-ext/#list-revocation-events */
export const revocationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/OS-REVOKE/events',
    policy: 'identity:list_revoke_events',
    status: 200,
    handler: async ({ service, query, request }) => {
      const events = await service.revocationEvents.list(sinceOf(query.since));
      return {
        events: events.map(viewRevocation),
        links: { next: null, self: `${request.origin}/v3/OS-REVOKE/events`, previous: null },
      };
    },
  }),
];

function sinceOf(since: string | string[] | undefined): number | undefined {
  if (since === undefined || since === '') return undefined;
  const time = typeof since === 'string' ? parseIso(since) : undefined;
  if (time === undefined) throw badRequest(`invalidate date format ${String(since)}`);
  return time;
}
