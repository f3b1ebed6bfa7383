import type { HostFilter } from '../host-state.ts';

/** Only hosts that servers of the group are on already; any host while there are none. */
export const serverGroupAffinityFilter: HostFilter = {
  name: 'ServerGroupAffinityFilter',
  passes: (host, { group, groupHosts }) =>
    group?.policy !== 'affinity' || groupHosts.size === 0 || host.groupMembers > 0,
};
