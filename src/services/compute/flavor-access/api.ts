import { conflict, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { findFlavor, flavorNotFound } from '../flavors/api.ts';
import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';
import { addAccessBody, removeAccessBody } from './schema.ts';

const endpoint = endpointOf<Compute>();

/** Which projects may use a flavor that is not public. https://docs.openstack.org/api-ref/compute/#flavors-access */
export const flavorAccessEndpoints = [
  endpoint({
    method: 'GET',
    path: '/flavors/{flavor_id}/os-flavor-access',
    policy: 'os_compute_api:os-flavor-access',
    query: noQuery,
    status: 200,
    handler: async (call) => {
      const flavor = await findFlavor(call, call.params.flavor_id);
      if (flavor.isPublic) throw notFound('Access list not available for public flavors.');
      return viewAccess(flavor.flavorId, flavor.projects);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/flavors/{flavor_id}/action',
    action: 'addTenantAccess',
    policy: 'os_compute_api:os-flavor-access:add_tenant_access',
    body: addAccessBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const { tenant } = body.addTenantAccess;
      await service.requireProject(tenant);
      const flavor = await findFlavor(call, call.params.flavor_id);
      if (flavor.isPublic && call.atLeast('2.7')) throw conflict('Can not add access to a public flavor.');
      const result = await service.flavors.addAccess(flavor.id, tenant);
      if (result === 'gone') throw flavorNotFound(flavor.flavorId);
      if (result === 'there') {
        throw conflict(
          `Flavor access already exists for flavor ${flavor.flavorId} and project ${tenant} combination.`,
        );
      }
      return currentAccess(service, flavor.flavorId);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/flavors/{flavor_id}/action',
    action: 'removeTenantAccess',
    policy: 'os_compute_api:os-flavor-access:remove_tenant_access',
    body: removeAccessBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const { tenant } = body.removeTenantAccess;
      const flavor = await findFlavor(call, call.params.flavor_id);
      if (!(await service.flavors.removeAccess(flavor.id, tenant))) {
        throw notFound(`Flavor access not found for ${flavor.flavorId} / ${tenant} combination.`);
      }
      return currentAccess(service, flavor.flavorId);
    },
  }),
];

async function currentAccess(service: Compute, flavorId: string) {
  const flavor = await service.flavors.find(flavorId);
  if (!flavor) throw flavorNotFound(flavorId);
  return viewAccess(flavorId, flavor.projects);
}

const viewAccess = (flavorId: string, projects: readonly string[]) => ({
  flavor_access: projects.map((project) => ({ flavor_id: flavorId, tenant_id: project })),
});
