import type { HostFacts } from '#contracts/guest.ts';
import type { HostProvider, Inventory } from '#contracts/placement.ts';
import type { Values } from '#kit/config/options.ts';

import type { computeOptions } from '../options.ts';
import type { Host } from './store.ts';

/** The trait of hosts that an operator has disabled; the scheduler asks for hosts without it. */
export const disabledTrait = 'COMPUTE_STATUS_DISABLED';

/** A host as Placement is told of it: what it has, what of that is promised to guests, what it can do. */
export const providerOf = (
  host: Host,
  facts: HostFacts,
  options: Values<typeof computeOptions>,
): HostProvider => ({
  uuid: host.uuid,
  name: host.name,
  inventories: inventoriesOf(facts, options),
  traits: host.service.disabled ? [...facts.traits, disabledTrait] : facts.traits,
});

function inventoriesOf(
  facts: HostFacts,
  options: Values<typeof computeOptions>,
): Readonly<Record<string, Inventory>> {
  const all = {
    VCPU: inventory(facts.vcpus, options.reserved_host_cpus, options.cpu_allocation_ratio),
    MEMORY_MB: inventory(facts.memoryMb, options.reserved_host_memory_mb, options.ram_allocation_ratio),
    DISK_GB: inventory(facts.diskGb, options.reserved_host_disk_gb, options.disk_allocation_ratio),
  };
  // Placement holds no class of which there is nothing
  return Object.fromEntries(Object.entries(all).filter(([, { total }]) => total > 0));
}

const inventory = (total: number, reserved: number, allocationRatio: number): Inventory => ({
  total,
  reserved: Math.min(reserved, total),
  minUnit: 1,
  maxUnit: Math.max(total, 1),
  stepSize: 1,
  allocationRatio,
});
