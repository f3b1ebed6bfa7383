import { endpointOf } from '#kit/http/endpoint.ts';

import type { Image } from '../service.ts';
import { resources } from './quotas.ts';

const endpoint = endpointOf<Image>();

/** https://docs.openstack.org/api-ref/image/v2/#quota-usage: empty as long as nothing is limited. */
export const usageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/info/usage',
    policy: null,
    status: 200,
    handler: async ({ service: { quotas }, auth }) => {
      if (!quotas.enabled || auth.projectId === undefined) return { usage: {} };
      const usage = await quotas.usage(auth.projectId);
      return {
        usage: Object.fromEntries(
          resources.map((name) => [name, { usage: usage[name], limit: quotas.limit(name) }]),
        ),
      };
    },
  }),
];
