import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { internalZone, zoneOf } from '../aggregates/zones.ts';
import { isTrue } from '../fields.ts';
import { requireIntegerId } from '../ids.ts';
import { lastOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { actOnServiceBody, listServicesQuery, updateServiceBody } from './schema.ts';
import type { Service, ServiceChange } from './store.ts';
import { viewService } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#compute-services-os-services */
export const serviceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-services',
    policy: 'os_compute_api:os-services:list',
    query: listServicesQuery,
    status: 200,
    handler: async (call) => {
      const host = lastOf(call.query, 'host');
      const binary = lastOf(call.query, 'binary');
      const services = await call.service.services.list({ ...(host && { host }), ...(binary && { binary }) });
      const zones = await zonesOf(call.service, services);
      return { services: services.map((s, i) => viewService(s, zones[i]!, call.service.presence, call)) };
    },
  }),

  // `enable`, `disable`, `disable-log-reason` and, since 2.11, `force-down`
  endpoint({
    method: 'PUT',
    path: '/os-services/{id}',
    policy: 'os_compute_api:os-services:update',
    until: '2.52',
    body: actOnServiceBody,
    status: 200,
    handler: async (call) => {
      const { service, body, params } = call;
      const act = Object.hasOwn(actions, params.id) ? actions[params.id] : undefined;
      if (!act || (params.id === 'force-down' && !call.atLeast('2.11'))) throw notFound('Unknown action');
      const { change, shown } = act(body);
      await changeByName(service, body.host, body.binary, change);
      return { service: { host: body.host, binary: body.binary, ...shown } };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/os-services/{id}',
    policy: 'os_compute_api:os-services:update',
    since: '2.53',
    body: updateServiceBody,
    status: 200,
    handler: async (call) => {
      const { service, body, params } = call;
      if (!isUuidLike(params.id)) throw badRequest(`Invalid uuid ${params.id}`);
      const found = await service.services.find(params.id);
      if (!found) throw notFound(`Service ${params.id} could not be found.`);
      requireCompute(found.binary);
      const updated = await applyChange(service, found, changeOf(body));
      const [zone] = await zonesOf(service, [updated]);
      return { service: viewService(updated, zone!, service.presence, call) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-services/{id}',
    policy: 'os_compute_api:os-services:delete',
    status: 204,
    handler: async (call) => {
      const { service, params } = call;
      const found = await service.services.find(serviceId(call, params.id));
      if (!found) throw notFound(`Service ${params.id} not found.`);
      if (found.binary === 'nova-compute') await removeHost(service, found.host);
      await service.services.remove(found.id);
      service.presence.forget(found.id);
    },
  }),
];

interface ServiceAction {
  readonly change: ServiceChange;
  /** What the answer says of it. */
  readonly shown: object;
}
interface ActionBody {
  readonly disabled_reason?: string;
  readonly forced_down?: boolean | string;
}

const disabling = (reason?: string): ServiceAction => ({
  change: { disabled: true, disabledReason: reason ?? null },
  shown: { status: 'disabled', ...(reason && { disabled_reason: reason }) },
});

const actions: Readonly<Record<string, (body: ActionBody) => ServiceAction>> = {
  enable: () => ({
    change: { disabled: false, disabledReason: null },
    shown: { status: 'enabled' },
  }),
  disable: () => disabling(),
  'disable-log-reason': (body) => {
    if (body.disabled_reason === undefined) throw badRequest('Missing disabled reason field');
    return disabling(body.disabled_reason);
  },
  'force-down': (body) => {
    if (body.forced_down === undefined) throw badRequest('Missing forced_down field');
    const forcedDown = isTrue(body.forced_down);
    return { change: { forcedDown }, shown: { forced_down: forcedDown } };
  },
};

interface UpdateBody extends ActionBody {
  readonly status?: 'enabled' | 'disabled';
}

function changeOf(body: UpdateBody): ServiceChange {
  if (body.status === undefined && body.forced_down === undefined) {
    throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  }
  if (body.status === 'enabled' && body.disabled_reason !== undefined) {
    throw badRequest("Specifying 'disabled_reason' with status 'enabled' is invalid.");
  }
  return {
    ...(body.status === 'enabled' && { disabled: false, disabledReason: null }),
    ...(body.status === 'disabled' && { disabled: true, disabledReason: body.disabled_reason ?? null }),
    ...(body.forced_down !== undefined && { forcedDown: isTrue(body.forced_down) }),
  };
}

function requireCompute(binary: string): void {
  if (binary !== 'nova-compute') {
    throw badRequest(
      `Updating a ${binary} service is not supported. Only nova-compute services can be updated.`,
    );
  }
}

/** Changes the `nova-compute` service of a host. Throws `badRequest` for other services, `notFound`. */
export async function changeByName(
  service: Compute,
  host: string,
  binary: string,
  change: ServiceChange,
): Promise<void> {
  requireCompute(binary);
  const [found] = await service.services.list({ host, binary });
  if (!found) throw notFound(`Host '${host}' is not mapped to any cell`);
  await applyChange(service, found, change);
}

async function applyChange(service: Compute, found: Service, change: ServiceChange): Promise<Service> {
  const updated = await service.services.update(found.id, change, service.parts.clock.now());
  if (!updated) throw notFound(`Service ${found.uuid} could not be found.`);
  if (updated.disabled !== found.disabled) await service.registry.refresh(found.host);
  return updated;
}

function serviceId(call: Call<Compute, unknown, unknown, unknown>, text: string): number | string {
  if (!call.atLeast('2.53')) return requireIntegerId(text);
  if (!isUuidLike(text)) throw badRequest(`Invalid uuid ${text}`);
  return text;
}

/** Takes a host out of its aggregates, out of Placement and away. Throws `conflict` while it has servers. */
async function removeHost(service: Compute, name: string): Promise<void> {
  const { aggregates, hosts, registry, parts } = service;
  const used = (await hosts.usage()).get(name);
  if (used) {
    throw conflict(
      'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
    );
  }
  await aggregates.forgetHost(name);
  const host = await hosts.find(name);
  if (host) await parts.placement.removeHost(host.uuid);
  await hosts.remove(name);
  registry.forget(name);
}

/** The availability zone each service is shown in. */
async function zonesOf(service: Compute, services: readonly Service[]): Promise<string[]> {
  const aggregates = await service.aggregates.all();
  return services.map((s) => (s.binary === 'nova-compute' ? zoneOf(aggregates, s.host) : internalZone));
}
