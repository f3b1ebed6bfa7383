import { newUuid } from '#kit/ids/ids.ts';

import { badResource, networkNotFound } from '../errors.ts';
import { findNetwork } from '../networks/store.ts';
import { createPort } from '../ports/create.ts';
import { owners } from '../ports/owners.ts';
import { removePortRows } from '../ports/remove.ts';
import { findPort, portsWith } from '../ports/store.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import type { FloatingIpTable } from '../tables.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { associationTo } from './associate.ts';
import { addressesExhausted } from './errors.ts';
import type { floatingIpAttributes } from './schema.ts';
import {
  type Association,
  deleteFloatingIpRow,
  type FloatingIpRow,
  insertFloatingIp,
  nowhere,
  updateFloatingIpRow,
} from './store.ts';

type NewFloatingIp = Created<typeof floatingIpAttributes>;

/**
 * Takes an address of an external network for a project, and leads it to a port if one is named. Answers its id.
 * Throws 400 (`BadRequest`) for a network that is not external or has no IPv4 subnet, and as {@link associationTo}
 * does.
 */
export async function createFloatingIp(work: Work, given: NewFloatingIp, viewer: Viewer): Promise<string> {
  const networkId = given.floating_network_id;
  await requireExternal(work, networkId, viewer);
  const id = newUuid();
  const { portId, address } = await takeAddress(work, given, id);
  const row: FloatingIpTable = {
    id,
    project_id: given.project_id,
    description: given.description,
    floating_network_id: networkId,
    floating_ip_address: address,
    floating_port_id: portId,
    ...nowhere,
    dns_name: given.dns_name,
    dns_domain: given.dns_domain,
    created_at: work.now,
    updated_at: work.now,
    revision_number: 0,
  };
  const association = await newAssociation(work, row, given, viewer);
  await insertFloatingIp(work.db, { ...row, ...association });
  touchRouters(work, association);
  return id;
}

async function requireExternal(work: Work, id: string, viewer: Viewer): Promise<void> {
  const network = await findNetwork(work.db, id, viewer);
  if (!network) throw networkNotFound(id);
  if (network.external !== 1)
    throw badResource('floatingip', `Network ${id} is not a valid external network`);
  if (!network.subnets.some((subnet) => subnet.ip_version === 4))
    throw badResource('floatingip', `Network ${id} does not contain any IPv4 subnet`);
}

async function takeAddress(
  work: Work,
  given: NewFloatingIp,
  id: string,
): Promise<{ portId: string; address: string }> {
  const asked = {
    ...(given.subnet_id !== null && { subnet_id: given.subnet_id }),
    ...(given.floating_ip_address !== null && { ip_address: given.floating_ip_address }),
  };
  const portId = await createPort(
    work,
    {
      networkId: given.floating_network_id,
      projectId: '',
      deviceId: id,
      deviceOwner: owners.floatingIp,
      status: 'N/A',
      fixedIps: Object.keys(asked).length > 0 ? [asked] : undefined,
    },
    everything,
  );
  const port = (await findPort(work.db, portId, everything))!;
  const address = port.addresses.find((ip) => !ip.ip_address.includes(':'));
  if (!address) throw addressesExhausted(given.floating_network_id);
  return { portId, address: address.ip_address };
}

async function newAssociation(
  work: Work,
  row: FloatingIpTable,
  given: Pick<NewFloatingIp, 'port_id' | 'fixed_ip_address'>,
  viewer: Viewer,
): Promise<Association> {
  const address = given.fixed_ip_address ?? undefined;
  if (!given.port_id) {
    if (address) throw badResource('floatingip', 'fixed_ip_address cannot be specified without a port_id');
    return nowhere;
  }
  return associationTo(work, row, given.port_id, address, viewer);
}

/** Leads a floating ip elsewhere, or nowhere. An update that names no port leaves it leading where it does. */
export async function updateFloatingIp(
  work: Work,
  ip: FloatingIpRow,
  changes: Updated<typeof floatingIpAttributes>,
  viewer: Viewer,
): Promise<void> {
  const association = await changedAssociation(work, ip, changes, viewer);
  await updateFloatingIpRow(work.db, ip.id, {
    ...(changes.description !== undefined && { description: changes.description }),
    ...association,
  });
  touchRouters(work, ip);
  touchRouters(work, association);
}

async function changedAssociation(
  work: Work,
  ip: FloatingIpRow,
  changes: Updated<typeof floatingIpAttributes>,
  viewer: Viewer,
): Promise<Partial<Association>> {
  const { port_id: portId, fixed_ip_address: address } = changes;
  if (portId === undefined && !address) return {};
  return newAssociation(work, ip, { port_id: portId, fixed_ip_address: address }, viewer);
}

/** Removes a floating ip with its own port, which gives the address back. */
export async function removeFloatingIp(
  work: Work,
  ip: Pick<FloatingIpRow, 'id' | 'floating_port_id' | 'router_id'>,
): Promise<void> {
  await removeTags(work.db, [ip.id]);
  await deleteFloatingIpRow(work.db, ip.id);
  await removePortRows(work, await portsWith(work.db, { id: [ip.floating_port_id] }));
  touchRouters(work, ip);
}

const touchRouters = (work: Work, { router_id: id }: Partial<Association>): void => {
  if (id) work.touch('router', id);
};
