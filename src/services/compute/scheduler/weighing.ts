import type { HostState, HostWeigher, Placing } from './host-state.ts';
import { cpuWeigher } from './weighers/cpu.ts';
import { diskWeigher } from './weighers/disk.ts';
import { ioOpsWeigher } from './weighers/io-ops.ts';
import { ramWeigher } from './weighers/ram.ts';
import { softAffinityWeigher } from './weighers/soft-affinity.ts';
import { softAntiAffinityWeigher } from './weighers/soft-anti-affinity.ts';

/** Every weigher. */
export const hostWeighers: readonly HostWeigher[] = [
  ramWeigher,
  cpuWeigher,
  diskWeigher,
  ioOpsWeigher,
  softAffinityWeigher,
  softAntiAffinityWeigher,
];

/**
 * Hosts by how much they are wanted, best first. As in Nova each weigher's values are stretched to 0..1 over the hosts at
 * hand before its multiplier counts. Equals are ordered by how few servers they have, then by name.
 */
export function byWeight(hosts: readonly HostState[], placing: Placing): HostState[] {
  const totals = new Map<HostState, number>(hosts.map((host) => [host, 0]));
  for (const weigher of hostWeighers) {
    const values = hosts.map((host) => weigher.weigh(host, placing));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    if (least === most) continue;
    for (const [i, host] of hosts.entries()) {
      const stretched = (values[i]! - least) / (most - least);
      totals.set(host, totals.get(host)! + weigher.multiplier * stretched);
    }
  }
  return [...hosts].sort(
    (a, b) => totals.get(b)! - totals.get(a)! || a.servers - b.servers || (a.name < b.name ? -1 : 1),
  );
}
