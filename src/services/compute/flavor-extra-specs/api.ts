import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { findFlavor, flavorNotFound } from '../flavors/api.ts';
import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';
import { createExtraSpecsBody, updateExtraSpecBody } from './schema.ts';
import { problemOfExtraSpec } from './validation.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#flavors-extra-specs */
export const flavorExtraSpecEndpoints = [
  endpoint({
    method: 'GET',
    path: '/flavors/{flavor_id}/os-extra_specs',
    policy: 'os_compute_api:os-flavor-extra-specs:index',
    query: noQuery,
    status: 200,
    handler: async (call) => ({
      extra_specs: (await findFlavor(call, call.params.flavor_id)).extraSpecs,
    }),
  }),

  endpoint({
    method: 'POST',
    path: '/flavors/{flavor_id}/os-extra_specs',
    policy: 'os_compute_api:os-flavor-extra-specs:create',
    body: createExtraSpecsBody,
    status: 200,
    handler: async (call) => {
      await setExtraSpecs(call, call.params.flavor_id, call.body.extra_specs);
      return call.body;
    },
  }),

  endpoint({
    method: 'GET',
    path: '/flavors/{flavor_id}/os-extra_specs/{key}',
    policy: 'os_compute_api:os-flavor-extra-specs:show',
    query: noQuery,
    status: 200,
    handler: async (call) => {
      const { flavor_id: flavorId, key } = call.params;
      const { extraSpecs } = await findFlavor(call, flavorId);
      if (!Object.hasOwn(extraSpecs, key)) throw extraSpecNotFound(flavorId, key);
      return { [key]: extraSpecs[key] };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/flavors/{flavor_id}/os-extra_specs/{key}',
    policy: 'os_compute_api:os-flavor-extra-specs:update',
    body: updateExtraSpecBody,
    status: 200,
    handler: async (call) => {
      if (!Object.hasOwn(call.body, call.params.key)) throw badRequest('Request body and URI mismatch');
      await setExtraSpecs(call, call.params.flavor_id, call.body);
      return call.body;
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/flavors/{flavor_id}/os-extra_specs/{key}',
    policy: 'os_compute_api:os-flavor-extra-specs:delete',
    status: 200,
    handler: async (call) => {
      const { flavor_id: flavorId, key } = call.params;
      const flavor = await findFlavor(call, flavorId);
      if (!(await call.service.flavors.removeExtraSpec(flavor.id, key)))
        throw extraSpecNotFound(flavorId, key);
    },
  }),
];

async function setExtraSpecs(
  call: Call<Compute, unknown, unknown, unknown>,
  flavorId: string,
  specs: Readonly<Record<string, string | number>>,
): Promise<void> {
  const texts = Object.fromEntries(Object.entries(specs).map(([key, value]) => [key, String(value)]));
  if (call.atLeast('2.86')) {
    const { standardTraits } = call.service.parts.placement;
    for (const [key, value] of Object.entries(texts)) {
      const problem = problemOfExtraSpec(key, value, (trait) => standardTraits.has(trait));
      if (problem) throw badRequest(`Validation failed; ${problem}`);
    }
  }
  const flavor = await findFlavor(call, flavorId);
  if (!(await call.service.flavors.setExtraSpecs(flavor.id, texts))) throw flavorNotFound(flavorId);
}

const extraSpecNotFound = (flavorId: string, key: string) =>
  notFound(`Flavor ${flavorId} has no extra specs with key ${key}.`);
