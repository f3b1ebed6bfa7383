import { idsOf } from '../hints.ts';
import type { HostFilter } from '../host-state.ts';

/** Only hosts with one of the servers that the hint `same_host` names. */
export const sameHostFilter: HostFilter = {
  name: 'SameHostFilter',
  passes: (host, { server, hintedHosts }) => {
    const named = idsOf(server.hints.same_host);
    return named.length === 0 || named.some((id) => hintedHosts.get(id) === host.name);
  },
};
