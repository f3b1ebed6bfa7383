import { badResource, portNotFound } from '../errors.ts';
import { owners } from '../ports/owners.ts';
import { findPort, type PortRow } from '../ports/store.ts';
import type { Viewer } from '../resource/viewer.ts';
import { subnetsById } from '../subnets/store.ts';
import type { FloatingIpTable } from '../tables.ts';
import type { Work } from '../work.ts';
import { alreadyAssociated, notReachable } from './errors.ts';
import { type Association, isAssociated, routersBetween } from './store.ts';

type FloatingIp = Pick<FloatingIpTable, 'id' | 'project_id' | 'floating_network_id' | 'floating_ip_address'>;

/**
 * Finds the address of a port and the router that lead a floating ip there, following `_get_assoc_data` of
 * neutron/db/l3_db.py. Throws `portNotFound`, 400 (`BadRequest`) for a port or address that cannot be led to,
 * `notReachable` without a router between, `alreadyAssociated`.
 */
export async function associationTo(
  work: Work,
  ip: FloatingIp,
  portId: string,
  address: string | undefined,
  viewer: Viewer,
): Promise<Association> {
  const port = await findPort(work.db, portId, viewer);
  if (!port) throw portNotFound(portId);
  if (port.project_id !== ip.project_id && !viewer.admin) {
    throw badResource(
      'floatingip',
      `Cannot process floating IP association with Port ${portId}, since that port is owned by a different project`,
    );
  }
  if (port.device_owner === owners.dhcp)
    throw badResource('floatingip', `Port ${portId} is unable to be assigned a floating IP`);
  const fixed = fixedAddress(port, address);
  const to = { networkId: ip.floating_network_id, portId, address: fixed.ip_address };
  const routerId = await routerFor(work, fixed.subnet_id, to);
  if (await isAssociated(work.db, ip.id, to)) {
    throw alreadyAssociated({
      id: ip.id,
      address: ip.floating_ip_address,
      portId,
      fixedAddress: fixed.ip_address,
      networkId: to.networkId,
    });
  }
  return { fixed_port_id: portId, fixed_ip_address: fixed.ip_address, router_id: routerId };
}

function fixedAddress(port: PortRow, asked: string | undefined): PortRow['addresses'][number] {
  const own = port.addresses.filter((ip) => !ip.ip_address.includes(':'));
  if (asked !== undefined) {
    if (asked.includes(':')) {
      throw badResource(
        'floatingip',
        `Cannot process floating IP association with ${asked}, since that is not an IPv4 address`,
      );
    }
    const found = own.find((ip) => ip.ip_address === asked);
    if (!found) throw badResource('floatingip', `Port ${port.id} does not have fixed ip ${asked}`);
    return found;
  }
  if (own.length === 0)
    throw badResource(
      'floatingip',
      `Cannot add floating IP to port ${port.id} that has no fixed IPv4 addresses`,
    );
  if (own.length > 1) {
    throw badResource(
      'floatingip',
      `Port ${port.id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`,
    );
  }
  return own[0]!;
}

/** The router between a subnet and an external network; of several the subnet's own gateway. */
async function routerFor(
  work: Work,
  subnetId: string,
  to: { networkId: string; portId: string },
): Promise<string> {
  const routers = await routersBetween(work.db, subnetId, to.networkId);
  if (routers.length === 0) throw notReachable(to.networkId, subnetId, to.portId);
  const [subnet] = await subnetsById(work.db, [subnetId]);
  return (routers.find((r) => r.address === subnet?.gateway_ip) ?? routers[0]!).router;
}
