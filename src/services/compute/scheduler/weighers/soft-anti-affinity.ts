import type { HostWeigher } from '../host-state.ts';

/** Keeps the servers of a soft-anti-affinity group apart. */
export const softAntiAffinityWeigher: HostWeigher = {
  name: 'ServerGroupSoftAntiAffinityWeigher',
  multiplier: 1,
  weigh: (host, { group }) => (group?.policy === 'soft-anti-affinity' ? -host.groupMembers : 0),
};
