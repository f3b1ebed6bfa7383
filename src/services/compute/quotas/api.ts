import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { isTrue } from '../fields.ts';
import type { Compute } from '../service.ts';
import { limitsIn, pick, quotaSetResources } from './resources.ts';
import { quotaQuery, updateQuotaBody } from './schema.ts';
import { requireSettable } from './settable.ts';
import { defaultClass, type QuotaOwner } from './store.ts';
import { usageOf } from './usage.ts';

const endpoint = endpointOf<Compute>();
type AnyCall = Call<Compute, { id: string }, unknown, unknown>;

/** Quotas are a project's, which the path names. */
const target = (_: unknown, call: unknown) => ({ project_id: (call as AnyCall).params.id });

/** https://docs.openstack.org/api-ref/compute/#quota-sets-os-quota-sets */
export const quotaEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-quota-sets/{id}',
    policy: 'os_compute_api:os-quota-sets:show',
    query: quotaQuery,
    status: 200,
    target,
    handler: async (call) => {
      const { id } = call.params;
      await call.service.requireProject(id);
      return { quota_set: { id, ...(await viewLimits(call)) } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-quota-sets/{id}/detail',
    policy: 'os_compute_api:os-quota-sets:detail',
    query: quotaQuery,
    status: 200,
    target,
    handler: async (call) => {
      const { service } = call;
      const { id } = call.params;
      await service.requireProject(id);
      const limits = await service.quotas.limitsOf(id, userOf(call));
      const usage = await usageOf(service, id, userOf(call));
      const details = quotaSetResources(call).map((r) => [
        r,
        // nothing is ever reserved: usage is counted when it is needed
        { limit: limits[r], in_use: usage[r], reserved: 0 },
      ]);
      return { quota_set: { id, ...Object.fromEntries(details) } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-quota-sets/{id}/defaults',
    policy: 'os_compute_api:os-quota-sets:defaults',
    status: 200,
    target,
    handler: async (call) => {
      const { id } = call.params;
      await call.service.requireProject(id);
      const limits = await call.service.quotas.limitsOfClass(defaultClass.name);
      return { quota_set: { id, ...pick(limits, quotaSetResources(call)) } };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/os-quota-sets/{id}',
    policy: 'os_compute_api:os-quota-sets:update',
    query: quotaQuery,
    body: updateQuotaBody,
    status: 200,
    target,
    handler: async (call) => {
      const { service, body } = call;
      const { id } = call.params;
      await service.requireProject(id);
      const wanted = limitsIn(body.quota_set);
      const force = isTrue(body.quota_set.force ?? false);
      if (!force) await requireSettable(service, wanted, id, userOf(call));
      await service.quotas.set(ownerOf(call), wanted);
      return { quota_set: await viewLimits(call) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-quota-sets/{id}',
    policy: 'os_compute_api:os-quota-sets:delete',
    query: quotaQuery,
    status: 202,
    target,
    handler: (call) => call.service.quotas.clear(ownerOf(call)),
  }),
];

/** The user a request is about, when it is not about the whole project. Of several the first counts here. */
function userOf(call: AnyCall): string | undefined {
  const asked = call.query.user_id;
  return (Array.isArray(asked) ? asked[0] : asked) || undefined;
}

function ownerOf(call: AnyCall): Exclude<QuotaOwner, { kind: 'class' }> {
  const projectId = call.params.id;
  const userId = userOf(call);
  return userId === undefined ? { kind: 'project', projectId } : { kind: 'user', projectId, userId };
}

async function viewLimits(call: AnyCall) {
  const limits = await call.service.quotas.limitsOf(call.params.id, userOf(call));
  return pick(limits, quotaSetResources(call));
}
