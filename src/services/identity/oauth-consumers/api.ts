import { notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { normalized } from '../fields.ts';
import { collection } from '../listing.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { type ConsumerFields, createConsumerBody, updateConsumerBody } from './schema.ts';
import type { Consumer } from './store.ts';
import { viewConsumer } from './view.ts';

const endpoint = endpointOf<Identity>();

type InConsumer = Call<Identity, { consumer_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findConsumer = ({ service, params }: InConsumer) => service.oauthConsumers.find(params.consumer_id);

function presentConsumer(consumer: Consumer | undefined): Consumer {
  if (!consumer) throw notFound('Consumer not found');
  return consumer;
}

/** https://docs.openstack.org/api-ref/identity/v3-ext/#os-oauth1 */
export const oauthConsumerEndpoints = [
  endpoint({
    method: 'GET',
    path: '/OS-OAUTH1/consumers',
    policy: 'identity:list_consumers',
    status: 200,
    handler: async ({ service, request }) => {
      const consumers = await service.oauthConsumers.list();
      return collection(
        'consumers',
        consumers.map((consumer) => viewConsumer(consumer, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/OS-OAUTH1/consumers',
    policy: 'identity:create_consumer',
    body: createConsumerBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const { id: _, secret: __, description, ...extra } = (body.consumer ?? {}) as ConsumerFields;
      const consumer: Consumer = {
        id: newHexId(),
        description: description ?? null,
        secret: newHexId(),
        extra: normalized(extra),
      };
      await service.changes.apply((trx) => service.oauthConsumers.insert(trx, consumer));
      return { consumer: { ...viewConsumer(consumer, request.origin), secret: consumer.secret } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/OS-OAUTH1/consumers/{consumer_id}',
    policy: 'identity:get_consumer',
    status: 200,
    load: findConsumer,
    handler: ({ resource, request }) => ({
      consumer: viewConsumer(presentConsumer(resource), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/OS-OAUTH1/consumers/{consumer_id}',
    policy: 'identity:update_consumer',
    body: updateConsumerBody,
    status: 200,
    load: findConsumer,
    handler: async ({ service, resource, body, request }) => {
      const old = presentConsumer(resource);
      const { id, description, ...extra } = body.consumer as ConsumerFields;
      refuseOtherId(id, old.id);
      const consumer: Consumer = {
        ...old,
        description: description === undefined ? old.description : description,
        extra: { ...old.extra, ...normalized(extra) },
      };
      await service.changes.apply((trx) => service.oauthConsumers.update(trx, consumer));
      return { consumer: viewConsumer(consumer, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/OS-OAUTH1/consumers/{consumer_id}',
    policy: 'identity:delete_consumer',
    status: 204,
    load: findConsumer,
    handler: async ({ service, resource }) => {
      const { id } = presentConsumer(resource);
      await service.changes.apply((trx) => service.oauthConsumers.remove(trx, id));
    },
  }),
];
