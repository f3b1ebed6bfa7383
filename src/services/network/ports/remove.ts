import { fromJson } from '#kit/db/columns.ts';

import { portHasFloatingIp } from '../floatingips/errors.ts';
import { floatingIpByPort, floatingIpsOfPorts, nowhere, updateFloatingIpRow } from '../floatingips/store.ts';
import type { Viewer } from '../resource/viewer.ts';
import { routerExists } from '../routers/store.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { servicePortInUse } from './errors.ts';
import { engineKind, isRouterPort, owners } from './owners.ts';
import { touchSharedAddresses } from './shared-addresses.ts';
import { deletePortRow, type PortRow } from './store.ts';
import type { AddressPair } from './values.ts';

/**
 * Removes a port as its owner asks. Throws `servicePortInUse` for one a router or floating ip still has, and
 * `portHasFloatingIp` when another project's floating ip leads to it.
 */
export async function removePort(work: Work, port: PortRow, viewer: Viewer): Promise<void> {
  const needed =
    (isRouterPort(port.device_owner) && (await routerExists(work.db, port.device_id))) ||
    (port.device_owner === owners.floatingIp && (await floatingIpByPort(work.db, port.id)) !== undefined);
  if (needed) throw servicePortInUse(port.id, `has device owner ${port.device_owner}`);
  const floating = await floatingIpsOfPorts(work.db, [port.id]);
  if (!viewer.admin && floating.some((ip) => ip.project_id !== viewer.projectId))
    throw portHasFloatingIp(port.id);
  await removePortRows(work, [port]);
}

type Removed = Pick<
  PortRow,
  'id' | 'network_id' | 'device_id' | 'device_owner' | 'binding_host_id' | 'allowed_address_pairs'
>;

/** Removes ports with all they hold, whatever they are for; floating ips that led to them lead nowhere. */
export async function removePortRows(work: Work, ports: readonly Removed[]): Promise<void> {
  const ids = ports.map((port) => port.id);
  for (const ip of await floatingIpsOfPorts(work.db, ids)) {
    await updateFloatingIpRow(work.db, ip.id, nowhere);
    if (ip.router_id !== null) work.touch('router', ip.router_id);
  }
  await removeTags(work.db, ids);
  for (const port of ports) {
    await deletePortRow(work.db, port.id);
    if (engineKind(port.device_owner)) work.touch('port', port.id);
    work.rewire(port.binding_host_id);
    await touchSharedAddresses(work, port.network_id, fromJson<AddressPair[]>(port.allowed_address_pairs));
    work.deletedPorts.push({ portId: port.id, deviceId: port.device_id });
  }
}
