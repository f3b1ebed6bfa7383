import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { badBody } from '../errors.ts';
import { between, bool } from '../resource/values.ts';
import type { Network } from '../service.ts';
import type { Db } from '../tables.ts';
import { type QuotaResource, quotaNames } from './resources.ts';
import { limitsOf, projectsWithLimits, removeLimits, setLimits, usageOf } from './store.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#quotas-extension-quotas */
export const quotaEndpoints = [
  endpoint({
    method: 'GET',
    path: '/quotas',
    policy: 'get_quota',
    status: 200,
    handler: async ({ service }) => {
      const projects = await projectsWithLimits(service.db);
      const quotas = [];
      for (const id of projects)
        quotas.push({ tenant_id: id, project_id: id, ...(await limits(service, id)) });
      return { quotas };
    },
  }),
  // whose token this is; old clients ask before they ask for quotas
  ...(['tenant', 'project'] as const).map((word) =>
    endpoint({
      method: 'GET',
      path: `/quotas/${word}`,
      policy: null,
      status: 200,
      handler: ({ auth }) => {
        if (auth.projectId === undefined)
          throw badRequest('Tenant-id was missing from quota request.', { type: 'QuotaMissingTenant' });
        return { [word]: { [`${word}_id`]: auth.projectId } };
      },
    }),
  ),
  endpoint({
    method: 'GET',
    path: '/quotas/{project_id}',
    policy: null,
    status: 200,
    handler: async (call) => {
      enforceUnlessOwn(call);
      return { quota: await limits(call.service, call.params.project_id) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/quotas/{project_id}/default',
    policy: null,
    status: 200,
    handler: (call) => {
      enforceUnlessOwn(call);
      return { quota: call.service.settings.quotas };
    },
  }),
  // the second is what the API reference names
  ...(['details', 'details.json'] as const).map((word) =>
    endpoint({
      method: 'GET',
      path: `/quotas/{project_id}/${word}`,
      policy: null,
      status: 200,
      handler: async (call) => {
        enforceUnlessOwn(call);
        return { quota: await details(call.service, call.params.project_id) };
      },
    }),
  ),
  endpoint({
    method: 'PUT',
    path: '/quotas/{project_id}',
    policy: 'update_quota',
    target: (_, { params }) => ({ project_id: params.project_id }),
    body: 'json',
    status: 200,
    handler: async ({ service, params, body }) => {
      const { asked, force } = readLimits(body);
      if (!force) await requireEnough(service.db, params.project_id, asked);
      await setLimits(service.db, params.project_id, asked);
      return { quota: await limits(service, params.project_id) };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/quotas/{project_id}',
    policy: 'delete_quota',
    target: (_, { params }) => ({ project_id: params.project_id }),
    status: 204,
    handler: async ({ service, params: { project_id: id } }) => {
      if (!(await removeLimits(service.db, id)))
        throw notFound(`Quota for project ${id} could not be found.`, { type: 'TenantQuotaNotFound' });
    },
  }),
];

const limits = (service: Network, projectId: string) =>
  limitsOf(service.db, projectId, service.settings.quotas);

/** Everyone may see the quotas of their own project. */
function enforceUnlessOwn(call: Call<Network, { project_id: string }>): void {
  const { project_id: id } = call.params;
  if (id !== call.auth.projectId) call.enforce('get_quota', { project_id: id });
}

async function details(service: Network, projectId: string) {
  const all = await limits(service, projectId);
  const shown: Record<string, { limit: number; used: number; reserved: number }> = {};
  for (const name of quotaNames)
    shown[name] = { limit: all[name], used: await usageOf(service.db, name, projectId), reserved: 0 };
  return shown;
}

const limit = between(-1, 2 ** 31 - 1);

function readLimits(body: unknown): { asked: Partial<Record<QuotaResource, number>>; force: boolean } {
  const quota = (body as { quota?: unknown } | undefined)?.quota;
  if (typeof quota !== 'object' || quota === null) throw badBody("Unable to find 'quota' in request body");
  const {
    force = false,
    check_limit: _,
    tenant_id: __,
    project_id: ___,
    ...given
  } = quota as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !(quotaNames as readonly string[]).includes(name));
  if (unknown.length > 0) throw badBody(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const asked: Partial<Record<QuotaResource, number>> = {};
  for (const [name, value] of Object.entries(given)) {
    const number = limit.convert!(value) as number;
    const problem = limit.problem!(number);
    if (problem) throw badBody(`Invalid input for ${name}. Reason: ${problem}.`);
    asked[name as QuotaResource] = number;
  }
  return { asked, force: bool.convert!(force) === true };
}

/** A limit below what is used already is refused unless forced. */
async function requireEnough(
  db: Db,
  projectId: string,
  asked: Partial<Record<QuotaResource, number>>,
): Promise<void> {
  for (const [name, most] of Object.entries(asked) as [QuotaResource, number][]) {
    const used = most < 0 ? 0 : await usageOf(db, name, projectId);
    if (most >= 0 && used > most)
      throw badBody(`Quota limit ${most} for ${name} must be greater than or equal to already used ${used}`);
  }
}
