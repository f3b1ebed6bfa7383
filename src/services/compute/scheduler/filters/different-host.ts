import { idsOf } from '../hints.ts';
import type { HostFilter } from '../host-state.ts';

/** Only hosts without any of the servers that the hint `different_host` names. */
export const differentHostFilter: HostFilter = {
  name: 'DifferentHostFilter',
  passes: (host, { server, hintedHosts }) =>
    !idsOf(server.hints.different_host).some((id) => hintedHosts.get(id) === host.name),
};
