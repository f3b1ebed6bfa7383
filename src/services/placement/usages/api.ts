import { endpointOf } from '#kit/http/endpoint.ts';

import { answer, answersJson } from '../requests.ts';
import { findProvider } from '../resource-providers/tree.ts';
import type { Placement } from '../service.ts';
import { totalUsagesQuery } from './schema.ts';
import type { UsageFilter } from './store.ts';
import { viewUsages, viewUsagesByType } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#usages */
export const usageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/resource_providers/{uuid}/usages',
    policy: 'placement:resource_providers:usages',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const provider = await findProvider(stores, call.params.uuid);
      return answer(call, {
        resource_provider_generation: provider.generation,
        usages: await stores.usages.ofProvider(provider.uuid),
      });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/usages',
    policy: 'placement:usages',
    since: '1.9',
    query: totalUsagesQuery,
    status: 200,
    load: answersJson,
    target: (_, call) => ({ project_id: call.query.project_id }),
    handler: async (call) => {
      const {
        project_id: projectId,
        user_id: userId,
        consumer_type: type,
      } = call.query as Record<string, string>;
      const filter: UsageFilter = { projectId: projectId!, userId, consumerType: typeFilter(type) };
      const { usages } = call.service.stores;
      const sums = await usages.byConsumerType(filter);
      if (!call.atLeast('1.38')) return answer(call, { usages: viewUsages(sums) });
      const consumers = await usages.consumersByType(filter);
      return answer(call, { usages: viewUsagesByType(sums, consumers, type === 'all') });
    },
  }),
];

function typeFilter(type: string | undefined): string | null | undefined {
  if (type === 'all') return undefined;
  return type === 'unknown' ? null : type;
}
