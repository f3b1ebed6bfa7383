import type { HostWeigher } from '../host-state.ts';

/** Keeps the servers of a soft-anti-affinity group apart. */
export const softAntiAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAntiAffinityWeigher',
  // more than all other weighers together: Nova leaves it at 1, where free memory outweighs the group
  multiplier: 10,
  weigh: (host, { group }) => (group?.policy === 'soft-anti-affinity' ? -host.groupMembers : 0),
};
