import { freeOf, type HostWeigher } from '../host-state.ts';

/** Spreads servers: the more free memory a host has, the better. */
export const ramWeigher: HostWeigher = {
  name: 'RAMWeigher',
  multiplier: 1,
  weigh: (host) => freeOf(host, 'MEMORY_MB'),
};
