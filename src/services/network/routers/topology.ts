import { cidrOf, overlaps, parseAddress } from '../addressing/ip.ts';
import { badResource } from '../errors.ts';
import { owners } from '../ports/owners.ts';
import { portsWith } from '../ports/store.ts';
import { subnetsById, subnetsOfNetwork } from '../subnets/store.ts';
import type { SubnetTable } from '../tables.ts';
import type { Work } from '../work.ts';

/** What a router is connected to. */

/** What tells whether two subnets can be on one router. */
export type Subnet = Pick<SubnetTable, 'id' | 'cidr' | 'ip_version'>;

/** Throws 400 when a router has a port on one of these subnets already, or on one that overlaps them. */
export async function requireDistinctSubnets(
  work: Work,
  routerId: string,
  added: readonly Subnet[],
  exceptPort?: string,
): Promise<void> {
  for (const subnet of await connectedSubnets(work, routerId, added, exceptPort)) {
    const clash = added.find(
      (s) => s.ip_version === subnet.ip_version && overlaps(cidrOf(s.cidr), cidrOf(subnet.cidr)),
    );
    if (clash) {
      throw badResource(
        'router',
        `Cidr ${clash.cidr} of subnet ${clash.id} overlaps with cidr ${subnet.cidr} of subnet ${subnet.id}`,
      );
    }
  }
}

/**
 * The subnets of a router's interfaces, and all those of the network it leads out to. Throws 400 when one of them is
 * among those to be added.
 */
export async function connectedSubnets(
  work: Work,
  routerId: string,
  added: readonly Subnet[] = [],
  exceptPort?: string,
): Promise<Subnet[]> {
  const found: Subnet[] = [];
  const ports = await portsWith(work.db, {
    device_id: [routerId],
    device_owner: [owners.routerInterface, owners.routerGateway],
  });
  for (const port of ports.filter((p) => p.id !== exceptPort)) {
    const ids = port.addresses.map((ip) => ip.subnet_id);
    const again = added.find((subnet) => ids.includes(subnet.id));
    if (again) throw badResource('router', `Router already has a port on subnet ${again.id}`);
    if (port.device_owner === owners.routerGateway)
      found.push(...(await subnetsOfNetwork(work.db, port.network_id)));
    else found.push(...(await subnetsById(work.db, ids)));
  }
  return found;
}

/** Whether an address lies in a CIDR. */
export function isWithin(address: string, cidr: string): boolean {
  const parsed = parseAddress(address);
  const network = cidrOf(cidr);
  return (
    parsed !== undefined &&
    parsed.version === network.version &&
    overlaps(network, { start: parsed.value, end: parsed.value })
  );
}
