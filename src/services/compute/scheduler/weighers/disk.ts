import { freeOf, type HostWeigher } from '../host-state.ts';

/** Spreads servers: the more free disk a host has, the better. */
export const diskWeigher: HostWeigher = {
  name: 'DiskWeigher',
  multiplier: 1,
  weigh: (host) => freeOf(host, 'DISK_GB'),
};
