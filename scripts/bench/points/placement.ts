import { randomUUID } from 'node:crypto';

import type { Points } from '../service-points.ts';

/** Allocation candidates among ten and a hundred providers. */
export const placement: Points = async (cloud, bench) => {
  const base = cloud.url('placement');
  const made: string[] = [];
  try {
    for (const count of [10, 100]) {
      while (made.length < count) {
        const uuid = randomUUID();
        await cloud.call('POST', `${base}/resource_providers`, { name: `bench-${uuid}`, uuid });
        made.push(uuid);
        await cloud.call('PUT', `${base}/resource_providers/${uuid}/inventories`, {
          resource_provider_generation: 0,
          inventories: {
            VCPU: { total: 64, allocation_ratio: 16 },
            MEMORY_MB: { total: 262_144 },
            DISK_GB: { total: 4096 },
          },
        });
      }
      const shot = {
        url: `${base}/allocation_candidates?resources=VCPU:1,MEMORY_MB:64,DISK_GB:1&limit=1000`,
        headers: { ...cloud.headers, 'openstack-api-version': 'placement 1.29' },
      };
      for (const c of [1, 8]) await bench.sustained(`placement: candidates of ${count}, c${c}`, shot, c);
    }
  } finally {
    for (const uuid of made) await cloud.call('DELETE', `${base}/resource_providers/${uuid}`);
  }
};
