import { internalZone, zoneOf } from '../aggregates/zones.ts';
import type { Service } from '../compute-services/store.ts';
import type { Compute } from '../service.ts';

/** An availability zone with its enabled services. Without any it is not available. */
export interface Zone {
  readonly name: string;
  readonly services: readonly Service[];
}

/** Every zone that has services: those that are available first, each kind by name. */
export async function zonesOf(service: Compute): Promise<Zone[]> {
  const aggregates = await service.aggregates.all();
  const byZone = Map.groupBy(await service.services.list(), (s) =>
    s.binary === 'nova-compute' ? zoneOf(aggregates, s.host) : internalZone,
  );
  const zones = [...byZone].map(([name, services]) => ({
    name,
    services: services.filter((s) => !s.disabled),
  }));
  zones.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...zones.filter((z) => z.services.length > 0), ...zones.filter((z) => z.services.length === 0)];
}
