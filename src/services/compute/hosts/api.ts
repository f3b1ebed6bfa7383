import { notFound, notImplemented } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { internalZone, zoneOf } from '../aggregates/zones.ts';
import { resourcesOf } from '../hypervisors/view.ts';
import { lastOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { listHostsQuery, updateHostBody } from './schema.ts';
import { addUsage, type Host, type HostUsage, unused } from './store.ts';

const endpoint = endpointOf<Compute>();

/**
 * Hosts as they were shown before hypervisors and services took their place: until 2.42.
 * https://docs.openstack.org/api-ref/compute/#hosts-os-hosts-deprecated
 */
export const hostEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-hosts',
    policy: 'os_compute_api:os-hosts:list',
    until: '2.42',
    query: listHostsQuery,
    status: 200,
    handler: async ({ service, query }) => {
      const wanted = lastOf(query, 'zone');
      const aggregates = await service.aggregates.all();
      const hosts = (await service.services.list())
        .filter((s) => !s.disabled)
        .map((s) => ({
          host_name: s.host,
          service: s.binary.slice('nova-'.length),
          zone: s.binary === 'nova-compute' ? zoneOf(aggregates, s.host) : internalZone,
        }));
      return { hosts: wanted ? hosts.filter((host) => host.zone === wanted) : hosts };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-hosts/{host}',
    policy: 'os_compute_api:os-hosts:show',
    until: '2.42',
    status: 200,
    handler: async ({ service, params }) => {
      const host = await findHost(service, params.host);
      const projects = await service.hosts.usageByProject(host.name);
      const usage = projects.reduce(addUsage, unused);
      const { vcpus, memory_mb, local_gb, vcpus_used, memory_mb_used, local_gb_used } = resourcesOf(
        { host, usage, up: true },
        service.parts.options,
      );
      return {
        host: [
          resource(host.name, '(total)', vcpus, memory_mb, local_gb),
          resource(host.name, '(used_now)', vcpus_used, memory_mb_used, local_gb_used),
          usedBy(host.name, '(used_max)', usage),
          ...projects.map((part) => usedBy(host.name, part.projectId, part)),
        ],
      };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/os-hosts/{host}',
    policy: 'os_compute_api:os-hosts:update',
    until: '2.42',
    body: updateHostBody,
    status: 200,
    handler: ({ service, params }) => refuse(service, params.host),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hosts/{host}/reboot',
    policy: 'os_compute_api:os-hosts:reboot',
    until: '2.42',
    status: 200,
    handler: ({ service, params }) => refuse(service, params.host),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hosts/{host}/shutdown',
    policy: 'os_compute_api:os-hosts:shutdown',
    until: '2.42',
    status: 200,
    handler: ({ service, params }) => refuse(service, params.host),
  }),

  endpoint({
    method: 'GET',
    path: '/os-hosts/{host}/startup',
    policy: 'os_compute_api:os-hosts:start',
    until: '2.42',
    status: 200,
    handler: ({ service, params }) => refuse(service, params.host),
  }),
];

/** What Nova answers on hypervisors that do not let the API switch hosts, as libvirt's do not. */
async function refuse(service: Compute, name: string): Promise<never> {
  await findHost(service, name);
  throw notImplemented('The requested functionality is not supported.');
}

async function findHost(service: Compute, name: string): Promise<Host> {
  const host = await service.hosts.find(name);
  if (!host) throw notFound(`Host '${name}' is not mapped to any cell`);
  return host;
}

const usedBy = (host: string, project: string, usage: HostUsage) =>
  resource(host, project, usage.vcpus, usage.memoryMb, usage.diskGb);

const resource = (host: string, project: string, cpu: number, memoryMb: number, diskGb: number) => ({
  resource: { host, project, cpu, memory_mb: memoryMb, disk_gb: diskGb },
});
