import { freeOf, type HostWeigher } from '../host-state.ts';

/** Spreads servers: the more free cpus a host has, the better. */
export const cpuWeigher: HostWeigher = {
  name: 'CPUWeigher',
  multiplier: 1,
  weigh: (host) => freeOf(host, 'VCPU'),
};
