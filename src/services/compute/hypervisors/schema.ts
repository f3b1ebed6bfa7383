import Type from 'typebox';

import { history, since, strictSince } from '#kit/http/versioned-schema.ts';

import { boolean, hostName } from '../fields.ts';
import { pagingParameters } from '../query.ts';

const once = { maxItems: 1 };
const withServers = since('2.53', Type.Array(boolean, once));

/**
 * The query of both lists of hypervisors: pages since 2.33, the rest since 2.53, when nothing may be given twice.
 */
export const listHypervisorsQuery = strictSince(
  '2.53',
  Type.Object({
    limit: history(
      { since: '2.33', until: '2.52', schema: pagingParameters.limit },
      { since: '2.53', schema: { ...pagingParameters.limit, ...once } },
    ),
    marker: history(
      { since: '2.33', until: '2.52', schema: pagingParameters.marker },
      { since: '2.53', schema: { ...pagingParameters.marker, ...once } },
    ),
    hypervisor_hostname_pattern: since('2.53', Type.Array(hostName, once)),
    with_servers: withServers,
  }),
);

/** The query of `GET /os-hypervisors/{id}`: nothing counts before 2.53, nothing else is taken since. */
export const showHypervisorQuery = strictSince('2.53', Type.Object({ with_servers: withServers }));
