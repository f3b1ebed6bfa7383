import { badRequest, conflict } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { errorCodes } from '../faults.ts';
import { answer, answersJson, takesJson } from '../requests.ts';
import { findProvider } from '../resource-providers/tree.ts';
import type { Placement } from '../service.ts';
import type { Change } from '../stores.ts';
import { compareTraits, unknownTraits } from '../vocabulary.ts';
import { setTraitsBody } from './schema.ts';

const endpoint = endpointOf<Placement>();
const path = '/resource_providers/{uuid}/traits';

/** https://docs.openstack.org/api-ref/placement/#resource-provider-traits */
export const providerTraitEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'placement:resource_providers:traits:list',
    since: '1.6',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      const { stores } = call.service;
      const provider = await findProvider(stores, call.params.uuid);
      const traits = await stores.traits.ofProvider(provider.uuid);
      return answer(call, {
        traits: traits.sort(compareTraits),
        resource_provider_generation: provider.generation,
      });
    },
  }),

  endpoint({
    method: 'PUT',
    path,
    policy: 'placement:resource_providers:traits:update',
    since: '1.6',
    body: setTraitsBody,
    status: 200,
    load: takesJson,
    handler: async (call) => {
      const { traits, resource_provider_generation: generation } = call.body;
      const after = await call.service.change(async (change) => {
        const provider = await findProvider(change, call.params.uuid);
        if (provider.generation !== generation) {
          throw conflict(
            "Resource provider's generation already changed. Please update the generation and try again.",
            { code: errorCodes.concurrentUpdate },
          );
        }
        const unknown = await unknownTraits(change, new Set(traits));
        if (unknown.length > 0) throw badRequest(`No such trait ${unknown.join(', ')}`);
        return (await setTraits(change, provider.uuid, traits)) ? generation + 1 : generation;
      });
      return answer(call, {
        traits: [...new Set(traits)].sort(compareTraits),
        resource_provider_generation: after,
      });
    },
  }),

  endpoint({
    method: 'DELETE',
    path,
    policy: 'placement:resource_providers:traits:delete',
    since: '1.6',
    status: 204,
    handler: async ({ service, params }) => {
      await service.change(async (change) => {
        const provider = await findProvider(change, params.uuid);
        await setTraits(change, provider.uuid, []);
      });
    },
  }),
];

/** Replaces the traits of a provider, which must exist; answers whether that changed anything. */
export async function setTraits(
  change: Change,
  provider: string,
  traits: readonly string[],
): Promise<boolean> {
  const present = new Set(await change.traits.ofProvider(provider));
  const wanted = new Set(traits);
  if (present.size === wanted.size && [...wanted].every((trait) => present.has(trait))) return false;
  await change.traits.replaceOfProvider(provider, [...wanted]);
  await change.advance(provider);
  return true;
}
