import { bit, fromJson, toJson } from '#kit/db/columns.ts';

import { cidrOf } from '../addressing/ip.ts';
import { invalidInput, networkNotFound } from '../errors.ts';
import { isRouterPort } from '../ports/owners.ts';
import { serveSubnet } from '../ports/service-port.ts';
import { portsWith } from '../ports/store.ts';
import type { Updated } from '../resource/attribute.ts';
import { bump } from '../resource/revision.ts';
import { routersOn } from '../routers/store.ts';
import type { Work } from '../work.ts';
import { checkPlan, checkPools } from './check.ts';
import { gatewayInUse } from './errors.ts';
import type { subnetAttributes } from './schema.ts';
import { type SubnetRow, updateSubnetRow } from './store.ts';
import type { Pool, Route } from './values.ts';

type Changes = Updated<typeof subnetAttributes>;

/**
 * Changes a subnet; its CIDR and IP version stay. Throws `badRequest` for what cannot be, and `conflict` for a gateway a
 * router answers at or that a pool holds.
 */
export async function updateSubnet(work: Work, subnet: SubnetRow, changes: Changes): Promise<void> {
  const cidr = cidrOf(subnet.cidr);
  const gateway = changes.gateway_ip === undefined ? subnet.gateway_ip : changes.gateway_ip;
  const dhcp = changes.enable_dhcp ?? subnet.enable_dhcp === 1;
  if (!dhcp && (subnet.ipv6_ra_mode !== null || subnet.ipv6_address_mode !== null))
    throw invalidInput('Cannot disable enable_dhcp with ipv6 attributes set');
  checkPlan(
    {
      name: subnet.id,
      version: subnet.ip_version as 4 | 6,
      cidr,
      gateway: changes.gateway_ip ?? null,
      dhcp,
      raMode: undefined,
      addressMode: undefined,
      nameservers: changes.dns_nameservers ?? fromJson<string[]>(subnet.dns_nameservers),
      routes: changes.host_routes ?? fromJson<Route[]>(subnet.host_routes),
    },
    subnet.enable_dhcp === 1,
  );
  if (gateway !== subnet.gateway_ip) await requireGatewayFree(work, subnet);
  if (changes.allocation_pools || gateway !== subnet.gateway_ip)
    checkPools(changes.allocation_pools ?? fromJson<Pool[]>(subnet.allocation_pools), cidr, gateway);
  const row = {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.allocation_pools && { allocation_pools: toJson(changes.allocation_pools) }),
    ...(changes.dns_nameservers && { dns_nameservers: toJson(changes.dns_nameservers) }),
    ...(changes.host_routes && { host_routes: toJson(changes.host_routes) }),
    ...(changes.service_types && { service_types: toJson(changes.service_types) }),
    gateway_ip: gateway,
    enable_dhcp: bit(dhcp),
  };
  await bump(work, 'network_networks', subnet.network_id, networkNotFound);
  await updateSubnetRow(work.db, subnet.id, row);
  await serveSubnet(work, { ...subnet, ...row });
  work.touch('network', subnet.network_id);
  work.touch('router', ...(await routersOn(work.db, subnet.network_id)));
}

/** A gateway a router answers at cannot be moved. */
async function requireGatewayFree(work: Work, subnet: SubnetRow): Promise<void> {
  if (subnet.gateway_ip === null) return;
  const holders = await portsWith(work.db, {
    network_id: [subnet.network_id],
    fixed_ips: [`ip_address=${subnet.gateway_ip}`],
  });
  const router = holders.find((port) => isRouterPort(port.device_owner));
  if (router) throw gatewayInUse(subnet.gateway_ip, router.id);
}
