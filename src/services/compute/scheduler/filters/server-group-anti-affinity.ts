import type { HostFilter } from '../host-state.ts';

/** Only hosts that have not yet as many servers of the group as it allows on one. */
export const serverGroupAntiAffinityFilter: HostFilter = {
  name: 'ServerGroupAntiAffinityFilter',
  passes: (host, { group }) =>
    group?.policy !== 'anti-affinity' || host.groupMembers < (group.maxServerPerHost ?? 1),
};
