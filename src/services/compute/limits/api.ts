import { endpointOf } from '#kit/http/endpoint.ts';

import { lastOf, queryStrictSince, textParameter } from '../query.ts';
import { usageOf } from '../quotas/usage.ts';
import type { Compute } from '../service.ts';
import { viewLimits } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#limits-limits */
export const limitEndpoints = [
  endpoint({
    method: 'GET',
    path: '/limits',
    policy: 'os_compute_api:limits',
    query: queryStrictSince('2.75', { tenant_id: textParameter }),
    status: 200,
    handler: async (call) => {
      const { service, auth } = call;
      const asked = lastOf(call.query, 'tenant_id');
      if (asked !== undefined) call.enforce('os_compute_api:limits:other_project');
      const projectId = asked ?? auth.projectId ?? '';
      const limits = await service.quotas.limitsOf(projectId);
      return { limits: viewLimits(limits, await usageOf(service, projectId), call) };
    },
  }),
];
