import type { HostWeigher } from '../host-state.ts';

/** Draws the servers of a soft-affinity group together. */
export const softAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAffinityWeigher',
  // more than all other weighers together: Nova leaves it at 1, where free memory outweighs the group
  multiplier: 10,
  weigh: (host, { group }) => (group?.policy === 'soft-affinity' ? host.groupMembers : 0),
};
