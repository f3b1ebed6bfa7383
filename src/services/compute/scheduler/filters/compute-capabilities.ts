import type { HostFacts } from '#contracts/guest.ts';

import { matchesExtraSpec, scopedSpecs } from '../extra-specs.ts';
import type { HostFilter } from '../host-state.ts';

/** Only hosts with the abilities that the flavor's extra specs ask for (`capabilities:…`, or without a scope). */
export const computeCapabilitiesFilter: HostFilter = {
  name: 'ComputeCapabilitiesFilter',
  passes: (host, { server }) =>
    scopedSpecs(server.flavor.extraSpecs, 'capabilities')
      // without a scope a key may be meant for aggregates instead: one of their keys is no ability
      .filter(([key]) => !Object.hasOwn(server.flavor.extraSpecs, key) || Object.hasOwn(abilities, key))
      .every(([key, wanted]) => {
        const value = abilityOf(host.host.facts, host.name, key);
        return value !== undefined && matchesExtraSpec(value, wanted);
      }),
};

/** What Nova's host state calls its attributes. */
const abilities: Readonly<Record<string, (facts: HostFacts, name: string) => unknown>> = {
  vcpus_total: (facts) => facts.vcpus,
  total_usable_ram_mb: (facts) => facts.memoryMb,
  total_usable_disk_gb: (facts) => facts.diskGb,
  free_ram_mb: (facts) => facts.memoryMb - facts.memoryUsedMb,
  free_disk_mb: (facts) => facts.diskFreeGb * 1024,
  hypervisor_type: (facts) => facts.hypervisorType,
  hypervisor_version: (facts) => facts.hypervisorVersion,
  hypervisor_hostname: (_, name) => name,
  host: (_, name) => name,
  cpu_info: (facts) => ({ ...facts.cpu, topology: facts.cpu.topology }),
};

/** An ability by its path, e.g. `cpu_info:vendor`; undefined when the host has no such thing. */
function abilityOf(facts: HostFacts, name: string, path: string): unknown {
  const [first = '', ...rest] = path.split(':');
  let value = Object.hasOwn(abilities, first) ? abilities[first]!(facts, name) : undefined;
  for (const part of rest) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}
