import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { isTrue } from '../fields.ts';
import { type Host, unused } from '../hosts/store.ts';
import { integerId } from '../ids.ts';
import { nextLink } from '../links.ts';
import { lastOf, pageOf } from '../query.ts';
import { instanceName } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { listHypervisorsQuery, showHypervisorQuery } from './schema.ts';
import {
  type HostedServer,
  type HypervisorFacts,
  type HypervisorViewer,
  resourcesOf,
  viewHypervisor,
  viewHypervisorBriefly,
} from './view.ts';

const endpoint = endpointOf<Compute>();
type AnyCall = Call<Compute, unknown, unknown, unknown>;

/** https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors */
export const hypervisorEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-hypervisors',
    policy: 'os_compute_api:os-hypervisors:list',
    query: listHypervisorsQuery,
    status: 200,
    handler: (call) => listHypervisors(call, 'os-hypervisors', viewHypervisorBriefly),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/detail',
    policy: 'os_compute_api:os-hypervisors:list-detail',
    query: listHypervisorsQuery,
    status: 200,
    handler: (call) => listHypervisors(call, 'os-hypervisors/detail', viewHypervisor),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/statistics',
    policy: 'os_compute_api:os-hypervisors:statistics',
    until: '2.87',
    status: 200,
    handler: async ({ service }) => {
      const enabled = (await service.hosts.list()).filter((host) => !host.service.disabled);
      const all = (await factsOf(service, enabled, false)).map((f) => resourcesOf(f, service.parts.options));
      const sum = (key: keyof ReturnType<typeof resourcesOf>) =>
        all.reduce((total, resources) => total + resources[key], 0);
      const totals = Object.fromEntries(statistics.map((key) => [key, sum(key)]));
      return { hypervisor_statistics: { count: all.length, ...totals } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/{id}',
    policy: 'os_compute_api:os-hypervisors:show',
    query: showHypervisorQuery,
    status: 200,
    handler: async (call) => {
      const host = await findHypervisor(call, call.params.id);
      const [facts] = await factsOf(call.service, [host], wantsServers(call));
      return { hypervisor: viewHypervisor(facts!, viewerOf(call)) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/{id}/uptime',
    policy: 'os_compute_api:os-hypervisors:uptime',
    until: '2.87',
    status: 200,
    handler: async (call) => {
      const host = await findHypervisor(call, call.params.id);
      if (!call.service.hosts.isUp(host))
        throw badRequest(`Compute service of ${host.name} is unavailable at this time.`);
      const [facts] = await factsOf(call.service, [host], false);
      return { hypervisor: { ...viewHypervisorBriefly(facts!, viewerOf(call)), uptime: host.facts.uptime } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/{id}/search',
    policy: 'os_compute_api:os-hypervisors:search',
    until: '2.52',
    status: 200,
    handler: (call) => searchHypervisors(call, call.params.id, false),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hypervisors/{id}/servers',
    policy: 'os_compute_api:os-hypervisors:servers',
    until: '2.52',
    status: 200,
    handler: (call) => searchHypervisors(call, call.params.id, true),
  }),
];

const statistics = [
  'current_workload',
  'disk_available_least',
  'free_disk_gb',
  'free_ram_mb',
  'local_gb',
  'local_gb_used',
  'memory_mb',
  'memory_mb_used',
  'running_vms',
  'vcpus',
  'vcpus_used',
] as const;

const viewerOf = (call: AnyCall): HypervisorViewer => ({
  options: call.service.parts.options,
  atLeast: (version) => call.atLeast(version),
});

const wantsServers = (call: AnyCall): boolean =>
  call.atLeast('2.53') && isTrue(lastOf(call.query, 'with_servers') ?? false);

type View = (facts: HypervisorFacts, viewer: HypervisorViewer) => object;

async function listHypervisors(call: AnyCall, path: string, view: View) {
  const { service, query } = call;
  const pattern = call.atLeast('2.53') ? lastOf(query, 'hypervisor_hostname_pattern') : undefined;
  const paged = call.atLeast('2.33') && pattern === undefined;
  if (pattern !== undefined && (query.limit !== undefined || query.marker !== undefined)) {
    throw badRequest(
      'Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.',
    );
  }
  const all = await service.hosts.list();
  const page = pageOf(query, service.parts.options.max_limit);
  const hosts = paged ? pageOfHosts(call, all, query) : matching(all, pattern);
  const facts = await factsOf(service, hosts, wantsServers(call));
  const viewer = viewerOf(call);
  const ids = hosts.map((host) => String(call.atLeast('2.53') ? host.uuid : host.id));
  const next = paged ? nextLink(call.request, path, page, ids) : undefined;
  return { hypervisors: facts.map((f) => view(f, viewer)), ...(next && { hypervisors_links: next }) };
}

function pageOfHosts(call: AnyCall, all: readonly Host[], query: Query): readonly Host[] {
  const { limit, marker } = pageOf(query, call.service.parts.options.max_limit);
  if (marker === undefined) return all.slice(0, limit);
  const at = all.findIndex((host) => (call.atLeast('2.53') ? host.uuid : String(host.id)) === marker);
  if (at < 0) throw badRequest(`marker [${marker}] not found`);
  return all.slice(at + 1, at + 1 + limit);
}

async function searchHypervisors(call: AnyCall, pattern: string, withServers: boolean) {
  const hosts = matching(await call.service.hosts.list(), pattern);
  const viewer = viewerOf(call);
  const facts = await factsOf(call.service, hosts, withServers);
  return { hypervisors: facts.map((f) => viewHypervisorBriefly(f, viewer)) };
}

/** Hosts whose name contains `pattern`; all of them without one. Throws `notFound` when there are none. */
function matching(hosts: readonly Host[], pattern: string | undefined): readonly Host[] {
  if (pattern === undefined) return hosts;
  const found = hosts.filter((host) => host.name.toLowerCase().includes(pattern.toLowerCase()));
  if (found.length === 0) throw notFound(`No hypervisor matching '${pattern}' could be found.`);
  return found;
}

async function findHypervisor(call: AnyCall, id: string): Promise<Host> {
  const hypervisorNotFound = () => notFound(`Hypervisor with ID '${id}' could not be found.`);
  if (call.atLeast('2.53')) {
    if (!isUuidLike(id)) throw badRequest(`Invalid uuid ${id}`);
  } else if (integerId(id) === undefined) throw hypervisorNotFound();
  const host = await call.service.hosts.findHypervisor(call.atLeast('2.53') ? id : integerId(id)!);
  if (!host) throw hypervisorNotFound();
  return host;
}

/** Hosts with their use and, when asked for, their servers, each fetched once for all. */
async function factsOf(
  service: Compute,
  hosts: readonly Host[],
  withServers: boolean,
): Promise<HypervisorFacts[]> {
  const usage = await service.hosts.usage();
  const servers = withServers ? await serversByHost(service) : undefined;
  return hosts.map((host) => ({
    host,
    up: service.hosts.isUp(host),
    usage: usage.get(host.name) ?? unused,
    ...(servers && { servers: servers.get(host.name) ?? [] }),
  }));
}

async function serversByHost(service: Compute): Promise<Map<string, HostedServer[]>> {
  const servers = new Map<string, HostedServer[]>();
  for (const { host, id, number } of await service.hosts.servers()) {
    const same = servers.get(host) ?? [];
    same.push({ name: instanceName({ number }), uuid: id });
    servers.set(host, same);
  }
  return servers;
}
