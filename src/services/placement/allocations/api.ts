import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { dashed } from '../fields.ts';
import { answer, answersJson, newest, takesJson } from '../requests.ts';
import { findProvider } from '../resource-providers/tree.ts';
import type { Placement } from '../service.ts';
import { freeAllocations, replaceAllocations, type WantedAllocations } from './replace.ts';
import { explaining, resourcesByProvider, wantedByConsumer } from './requests.ts';
import { postAllocationsBody, putAllocationsBody } from './schema.ts';
import { viewConsumerAllocations, viewProviderAllocations } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#allocations */
export const allocationEndpoints = [
  endpoint({
    method: 'GET',
    path: '/resource_providers/{uuid}/allocations',
    policy: 'placement:resource_providers:allocations:list',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const provider = await findProvider(stores, call.params.uuid);
      const held = await stores.allocations.ofProvider(provider.uuid);
      const consumers = await stores.allocations.findConsumers([...new Set(held.map((a) => a.consumerUuid))]);
      return answer(call, viewProviderAllocations(held, consumers, provider, call), {
        modified: newest(held),
      });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/allocations/{consumer_uuid}',
    policy: 'placement:allocations:list',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const uuid = call.params.consumer_uuid;
      const held = await stores.allocations.ofConsumer(uuid);
      const consumer = (await stores.allocations.findConsumers([uuid])).get(uuid);
      const providers = await stores.providers.findAll([...new Set(held.map((a) => a.providerUuid))]);
      return answer(call, viewConsumerAllocations(held, consumer, providers, call), {
        modified: newest(held),
      });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/allocations/{consumer_uuid}',
    policy: 'placement:allocations:update',
    body: putAllocationsBody,
    status: 204,
    load: takesJson,
    handler: async ({ service, params, body }) => {
      if (!isUuidLike(params.consumer_uuid))
        throw badRequest(`Malformed consumer_uuid: ${params.consumer_uuid}`);
      const consumer = dashed(params.consumer_uuid);
      const { options } = service;
      const wanted: WantedAllocations = {
        consumer,
        allocations: resourcesByProvider(body.allocations!),
        projectId: body.project_id ?? options.incomplete_consumer_project_id,
        userId: body.user_id ?? options.incomplete_consumer_user_id,
        generation: body.consumer_generation,
        consumerType: body.consumer_type,
      };
      await service
        .change((change) => replaceAllocations(change, [wanted]))
        .catch(explaining(`Unable to allocate inventory for consumer ${consumer}: `));
    },
  }),

  endpoint({
    method: 'POST',
    path: '/allocations',
    policy: 'placement:allocations:manage',
    since: '1.13',
    body: postAllocationsBody,
    status: 204,
    load: takesJson,
    handler: async ({ service, body }) => {
      await service
        .change((change) => replaceAllocations(change, wantedByConsumer(body)))
        .catch(explaining('Unable to allocate inventory '));
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/allocations/{consumer_uuid}',
    policy: 'placement:allocations:delete',
    status: 204,
    handler: async ({ service, params: { consumer_uuid: uuid } }) => {
      await service.change(async (change) => {
        const held = await change.allocations.ofConsumer(uuid);
        if (held.length === 0) throw notFound(`No allocations for consumer '${uuid}'`);
        await freeAllocations(change, held);
      });
    },
  }),
];
