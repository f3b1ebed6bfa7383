import type { HostWeigher } from '../host-state.ts';

/** Draws the servers of a soft-affinity group together. */
export const softAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAffinityWeigher',
  multiplier: 1,
  weigh: (host, { group }) => (group?.policy === 'soft-affinity' ? host.groupMembers : 0),
};
