import { conflict } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { errorCodes } from '../faults.ts';
import { answer, answersJson } from '../requests.ts';
import { findProvider, takesJsonOf } from '../resource-providers/tree.ts';
import type { Placement } from '../service.ts';
import { aggregateListBody, setAggregatesBody } from './schema.ts';

const endpoint = endpointOf<Placement>();
const path = '/resource_providers/{uuid}/aggregates';

/** https://docs.openstack.org/api-ref/placement/#resource-provider-aggregates */
export const aggregateEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'placement:resource_providers:aggregates:list',
    since: '1.1',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const provider = await findProvider(stores, call.params.uuid);
      const aggregates = await stores.aggregates.list(provider.uuid);
      return answer(call, {
        aggregates,
        ...(call.atLeast('1.19') && { resource_provider_generation: provider.generation }),
      });
    },
  }),

  endpoint({
    method: 'PUT',
    path,
    policy: 'placement:resource_providers:aggregates:update',
    since: '1.1',
    until: '1.18',
    body: aggregateListBody,
    status: 200,
    load: takesJsonOf('placement:resource_providers:aggregates:update'),
    handler: async (call) => {
      await call.service.change(async (change) => {
        const { uuid } = await findProvider(change, call.params.uuid);
        await change.aggregates.replace(uuid, call.body);
        await change.providers.touch([uuid], change.revision);
      });
      return answer(call, { aggregates: call.body });
    },
  }),

  endpoint({
    method: 'PUT',
    path,
    policy: 'placement:resource_providers:aggregates:update',
    since: '1.19',
    body: setAggregatesBody,
    status: 200,
    load: takesJsonOf('placement:resource_providers:aggregates:update'),
    handler: async (call) => {
      const { aggregates, resource_provider_generation: generation } = call.body;
      await call.service.change(async (change) => {
        const provider = await findProvider(change, call.params.uuid);
        if (provider.generation !== generation) {
          throw conflict(
            "Resource provider's generation already changed. Please update the generation and try again.",
            { code: errorCodes.concurrentUpdate },
          );
        }
        await change.aggregates.replace(provider.uuid, aggregates);
        await change.advance(provider.uuid);
      });
      return answer(call, { aggregates, resource_provider_generation: generation + 1 });
    },
  }),
];
