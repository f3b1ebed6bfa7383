import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { noQuery } from '../query.ts';
import { limitsIn, pick, quotaClassResources } from '../quotas/resources.ts';
import { updateQuotaClassBody } from '../quotas/schema.ts';
import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#quota-class-sets-os-quota-class-sets */
export const quotaClassEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-quota-class-sets/{id}',
    policy: 'os_compute_api:os-quota-class-sets:show',
    query: noQuery,
    status: 200,
    handler: async (call) => ({
      quota_class_set: { id: call.params.id, ...(await viewLimits(call, call.params.id)) },
    }),
  }),

  endpoint({
    method: 'PUT',
    path: '/os-quota-class-sets/{id}',
    policy: 'os_compute_api:os-quota-class-sets:update',
    body: updateQuotaClassBody,
    status: 200,
    handler: async (call) => {
      const { id } = call.params;
      if (id.length > 255) {
        throw badRequest(
          `Invalid input received: quota_class_name has ${id.length} characters, more than 255.`,
        );
      }
      await call.service.quotas.set({ kind: 'class', name: id }, limitsIn(call.body.quota_class_set));
      return { quota_class_set: await viewLimits(call, id) };
    },
  }),
];

async function viewLimits(call: Call<Compute, unknown, unknown, unknown>, name: string) {
  return pick(await call.service.quotas.limitsOfClass(name), quotaClassResources(call));
}
