import { bit, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { scopeAffinity } from '../address-scopes/errors.ts';
import { claimAddress } from '../addressing/allocate.ts';
import { type Cidr, cidrOf, eui64Address, formatCidr, overlaps } from '../addressing/ip.ts';
import { badResource, invalidInput, networkNotFound } from '../errors.ts';
import { mtuConflict } from '../networks/errors.ts';
import { findNetwork, type NetworkRow } from '../networks/store.ts';
import { isAutomatic } from '../ports/fixed-ips.ts';
import { engineKind, isRouterPort, owners } from '../ports/owners.ts';
import { serveSubnet } from '../ports/service-port.ts';
import { portsWith } from '../ports/store.ts';
import type { Created } from '../resource/attribute.ts';
import { bump } from '../resource/revision.ts';
import type { Viewer } from '../resource/viewer.ts';
import { extendGateways } from '../routers/gateway.ts';
import { routersOn } from '../routers/store.ts';
import { poolFor, takeFrom } from '../subnetpools/allocate.ts';
import { poolAffinity } from '../subnetpools/errors.ts';
import { poolsById } from '../subnetpools/store.ts';
import type { SubnetPoolTable, SubnetTable } from '../tables.ts';
import type { Work } from '../work.ts';
import { checkPlan, checkPools, defaultGateway, defaultPools } from './check.ts';
import type { subnetAttributes } from './schema.ts';
import { insertSubnet, subnetsOfNetwork } from './store.ts';

type NewSubnet = Created<typeof subnetAttributes>;

/** Makes a subnet of a network, following neutron/db/db_base_plugin_v2.py. Answers its id. */
export async function createSubnet(work: Work, given: NewSubnet, viewer: Viewer): Promise<string> {
  const network = await findNetwork(work.db, given.network_id, viewer);
  if (!network) throw networkNotFound(given.network_id);
  // first of all: from here on nobody else adds a subnet to this network
  await bump(work, 'network_networks', network.id, networkNotFound);
  const pool = await poolFor(
    work,
    {
      poolId: given.subnetpool_id,
      useDefault: given.use_default_subnetpool,
      version: given.ip_version,
    },
    viewer,
  );
  const cidr = await cidrFor(work, given, pool);
  const row = rowOf(work, given, cidr, pool);
  checkMtu(network, row);
  await requireNoOverlap(work, network.id, cidr);
  await requireOnePool(work, row, pool);
  await insertSubnet(work.db, row);
  await serveSubnet(work, row);
  await addressExistingPorts(work, row);
  if (network.external === 1) await extendGateways(work, row);
  work.touch('network', network.id);
  work.touch('router', ...(await routersOn(work.db, network.id)));
  return row.id;
}

async function cidrFor(work: Work, given: NewSubnet, pool: SubnetPoolTable | undefined): Promise<Cidr> {
  if (given.cidr !== undefined && given.prefixlen !== undefined)
    throw badResource('subnets', 'cidr and prefixlen must not be supplied together');
  const asked = given.cidr === undefined ? undefined : cidrOf(given.cidr);
  if (pool) {
    if (!asked && given.allocation_pools)
      throw badResource('subnets', 'allocation_pools allowed only for specific subnet requests.');
    return takeFrom(work, pool, {
      cidr: asked,
      length: given.prefixlen,
      version: given.ip_version,
      projectId: given.project_id,
    });
  }
  if (!asked) throw badResource('subnets', 'a subnetpool must be specified in the absence of a cidr');
  return asked;
}

function rowOf(work: Work, given: NewSubnet, cidr: Cidr, pool: SubnetPoolTable | undefined): SubnetTable {
  const gateway = given.gateway_ip === undefined ? defaultGateway(cidr) : given.gateway_ip;
  checkPlan({
    name: 'new subnet',
    version: given.ip_version,
    cidr,
    gateway: given.gateway_ip ?? null,
    dhcp: given.enable_dhcp,
    raMode: given.ipv6_ra_mode,
    addressMode: given.ipv6_address_mode,
    nameservers: given.dns_nameservers ?? [],
    routes: given.host_routes ?? [],
  });
  const pools = given.allocation_pools ?? defaultPools(cidr, gateway);
  if (given.allocation_pools) checkPools(pools, cidr, gateway);
  return {
    id: newUuid(),
    project_id: given.project_id,
    network_id: given.network_id,
    name: given.name,
    description: given.description,
    ip_version: given.ip_version,
    cidr: formatCidr(cidr),
    gateway_ip: gateway,
    enable_dhcp: bit(given.enable_dhcp),
    ipv6_ra_mode: given.ipv6_ra_mode ?? null,
    ipv6_address_mode: given.ipv6_address_mode ?? null,
    subnetpool_id: pool?.id ?? null,
    allocation_pools: toJson(pools),
    dns_nameservers: toJson(given.dns_nameservers ?? []),
    host_routes: toJson(given.host_routes ?? []),
    service_types: toJson(given.service_types ?? []),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 0,
  };
}

function checkMtu(network: NetworkRow, subnet: SubnetTable): void {
  const minimum = subnet.ip_version === 6 ? 1280 : 68;
  if (network.mtu > 0 && network.mtu < minimum) throw mtuConflict(network.id, minimum);
}

async function requireNoOverlap(work: Work, networkId: string, cidr: Cidr): Promise<void> {
  const others = await subnetsOfNetwork(work.db, networkId);
  const clash = others.some((other) => {
    const theirs = cidrOf(other.cidr);
    return theirs.version === cidr.version && overlaps(theirs, cidr);
  });
  if (clash) {
    throw invalidInput(
      `Requested subnet with cidr: ${formatCidr(cidr)} for network: ${networkId} overlaps with another subnet`,
    );
  }
}

/** The subnets of a network and version come from one pool, or from pools of one address scope. */
async function requireOnePool(
  work: Work,
  row: SubnetTable,
  pool: SubnetPoolTable | undefined,
): Promise<void> {
  const others = (await subnetsOfNetwork(work.db, row.network_id)).filter(
    (subnet) => subnet.ip_version === row.ip_version,
  );
  const poolIds = [...new Set(others.flatMap((subnet) => subnet.subnetpool_id ?? []))];
  const scopes = (await poolsById(work.db, poolIds)).map((other) => other.address_scope_id);
  const scope = scopes.find((id) => id !== null);
  if (scope) {
    if (pool && pool.address_scope_id !== scope) throw scopeAffinity();
    if (pool) return;
  }
  const mixed = pool ? others.some((subnet) => subnet.subnetpool_id !== pool.id) : poolIds.length > 0;
  if (mixed) throw poolAffinity();
}

/** Hosts that are there already give themselves addresses on a new subnet with automatic ones. */
async function addressExistingPorts(work: Work, subnet: SubnetTable): Promise<void> {
  if (!isAutomatic(subnet)) return;
  const cidr = cidrOf(subnet.cidr);
  const ports = await portsWith(work.db, { network_id: [subnet.network_id] });
  for (const port of ports) {
    if (isRouterPort(port.device_owner) || port.device_owner === owners.service) continue;
    if (engineKind(port.device_owner) === undefined) continue;
    await claimAddress(work.db, subnet, port.id, eui64Address(cidr, port.mac_address));
    work.touch('port', port.id);
  }
}
