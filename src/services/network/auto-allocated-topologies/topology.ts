import { conflict } from '#kit/errors/cloud-error.ts';
import { lockQuota } from '#kit/quota/quota.ts';

import { createNetwork } from '../networks/create.ts';
import { findNetwork } from '../networks/store.ts';
import { removeNetwork } from '../networks/update.ts';
import { reserve } from '../quotas/store.ts';
import { everything } from '../resource/viewer.ts';
import { addInterface, removeInterface } from '../routers/interfaces.ts';
import { createRouter, removeRouter } from '../routers/lifecycle.ts';
import { findRouter, interfacesOf } from '../routers/store.ts';
import { defaultPool } from '../subnetpools/store.ts';
import { createSubnet } from '../subnets/create.ts';
import type { Db } from '../tables.ts';
import type { Work } from '../work.ts';
import { defaultExternalNetwork, deleteTopologyRow, findTopology, insertTopology } from './store.ts';

/** A network with subnets and a router to the outside, made for a project at once (neutron/services/auto_allocate). */

const failure = (reason: string) =>
  conflict(`Deployment error: ${reason}.`, { type: 'AutoAllocationFailure' });

/** What a topology is made from. Throws `conflict` where the cloud has no defaults. */
export async function requirements(db: Db): Promise<{ external: string; versions: readonly (4 | 6)[] }> {
  const external = await defaultExternalNetwork(db);
  if (external === undefined) throw failure('No default router:external network');
  const versions: (4 | 6)[] = [];
  for (const version of [4, 6] as const) if (await defaultPool(db, version)) versions.push(version);
  if (versions.length === 0) throw failure('No default subnetpools defined');
  return { external, versions };
}

/** The network of a project's topology, which is made when there is none. */
export async function provideTopology(work: Work, projectId: string): Promise<string> {
  // one at a time for a project: whoever comes second finds it made
  await lockQuota(work.db, work.databaseKind, 'network', projectId);
  const existing = await findTopology(work.db, projectId);
  if (existing && (await findNetwork(work.db, existing.network_id, everything))) return existing.network_id;
  const { external, versions } = await requirements(work.db);
  const common = { project_id: projectId, description: '', admin_state_up: true };
  await reserve(work, 'network', projectId, 1);
  const networkId = await createNetwork(work, {
    ...common,
    name: 'auto_allocated_network',
    shared: false,
    'router:external': false,
    'provider:network_type': undefined,
    'provider:physical_network': undefined,
    'provider:segmentation_id': undefined,
    mtu: 0,
    port_security_enabled: true,
    dns_domain: '',
    is_default: false,
    availability_zone_hints: [],
  });
  await reserve(work, 'router', projectId, 1);
  const routerId = await createRouter(
    work,
    {
      ...common,
      name: 'auto_allocated_router',
      external_gateway_info: { network_id: external },
      ha: undefined,
      availability_zone_hints: [],
    },
    everything,
  );
  const router = (await findRouter(work.db, routerId, everything))!;
  for (const version of versions) {
    const subnetId = await addSubnet(work, projectId, networkId, version);
    await addInterface(work, router, { subnet_id: subnetId }, everything);
  }
  if (existing) await deleteTopologyRow(work.db, projectId);
  await insertTopology(work.db, { project_id: projectId, network_id: networkId, router_id: routerId });
  return networkId;
}

async function addSubnet(work: Work, projectId: string, networkId: string, version: 4 | 6): Promise<string> {
  await reserve(work, 'subnet', projectId, 1);
  const mode = version === 6 ? 'slaac' : undefined;
  return createSubnet(
    work,
    {
      project_id: projectId,
      name: `auto_allocated_subnet_v${version}`,
      description: '',
      ip_version: version,
      network_id: networkId,
      subnetpool_id: undefined,
      prefixlen: undefined,
      use_default_subnetpool: true,
      cidr: undefined,
      gateway_ip: undefined,
      allocation_pools: undefined,
      dns_nameservers: undefined,
      host_routes: undefined,
      enable_dhcp: true,
      ipv6_ra_mode: mode,
      ipv6_address_mode: mode,
      service_types: undefined,
    },
    everything,
  );
}

/** Removes a project's topology. Throws `conflict` while something else is plugged into its network. */
export async function removeTopology(work: Work, projectId: string): Promise<void> {
  const topology = await findTopology(work.db, projectId);
  if (!topology) return;
  const router = await findRouter(work.db, topology.router_id, everything);
  if (router) {
    for (const port of await interfacesOf(work.db, [router.id]))
      await removeInterface(work, router, { port_id: port.id }, everything);
    await removeRouter(work, router);
  }
  const network = await findNetwork(work.db, topology.network_id, everything);
  if (network) await removeNetwork(work, network);
  await deleteTopologyRow(work.db, projectId);
}
