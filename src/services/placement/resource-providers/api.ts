import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { dashed } from '../fields.ts';
import { answer, answersJson, locationOf, newest, takesJson } from '../requests.ts';
import type { Placement } from '../service.ts';
import { matchingProviders } from './filter.ts';
import { createProviderBody, listProvidersQuery, updateProviderBody } from './schema.ts';
import { createProvider, findProvider, removeProvider, takesJsonOf, updateProvider } from './tree.ts';
import { providerPath, viewProvider } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#resource-providers */
export const providerEndpoints = [
  endpoint({
    method: 'GET',
    path: '/resource_providers',
    policy: 'placement:resource_providers:list',
    query: listProvidersQuery,
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const providers = await matchingProviders(call);
      return answer(
        call,
        { resource_providers: providers.map((p) => viewProvider(p, call)) },
        { modified: newest(providers) },
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/resource_providers',
    policy: 'placement:resource_providers:create',
    body: createProviderBody,
    status: 201,
    load: takesJson,
    handler: async (call) => {
      const { uuid, name, parent_provider_uuid: parent } = call.body;
      const provider = await call.service.change((change) =>
        createProvider(change, {
          uuid: uuid ? dashed(uuid) : newUuid(),
          name,
          parentUuid: parent ?? null,
        }),
      );
      const headers = locationOf(call, providerPath(provider.uuid));
      if (!call.atLeast('1.20')) return reply(undefined, { headers });
      return answer(call, viewProvider(provider, call), {
        status: 200,
        headers,
        modified: provider.createdAt,
      });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/resource_providers/{uuid}',
    policy: 'placement:resource_providers:show',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const provider = await findProvider(call.service.stores, call.params.uuid);
      return answer(call, viewProvider(provider, call), { modified: newest([provider]) });
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/resource_providers/{uuid}',
    policy: 'placement:resource_providers:update',
    body: updateProviderBody,
    status: 200,
    load: takesJsonOf('placement:resource_providers:update'),
    handler: async (call) => {
      const { name, parent_provider_uuid: parentUuid } = call.body;
      const provider = await call.service.change((change) =>
        updateProvider(change, call.params.uuid, { name, parentUuid }, call.atLeast('1.37')),
      );
      return answer(call, viewProvider(provider, call), { modified: newest([provider]) });
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/resource_providers/{uuid}',
    policy: 'placement:resource_providers:delete',
    status: 204,
    handler: ({ service, params }) => service.change((change) => removeProvider(change, params.uuid)),
  }),
];
