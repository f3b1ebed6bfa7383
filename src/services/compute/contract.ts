import type { ComputeContract } from '#contracts/compute.ts';

import { zoneOf } from './aggregates/zones.ts';
import type { Compute } from './service.ts';

/** What other services may ask of Compute. */
export const computeContract = (service: Compute): ComputeContract => ({
  serverIds: () => service.servers.ids({ deleted: 'no' }),

  async availabilityZones() {
    const aggregates = await service.aggregates.all();
    const hosts = await service.hosts.list();
    const byZone = Map.groupBy(hosts, (host) => zoneOf(aggregates, host.name));
    return [...byZone].map(([name, inZone]) => ({ name, hosts: inZone.map((host) => host.name) }));
  },
});
