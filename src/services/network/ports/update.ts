import { bit, fromJson, toJson } from '#kit/db/columns.ts';

import { badResource } from '../errors.ts';
import { floatingIpsOfPorts } from '../floatingips/store.ts';
import type { Updated } from '../resource/attribute.ts';
import type { Viewer } from '../resource/viewer.ts';
import { routersById } from '../routers/store.ts';
import { usableGroups } from '../security-groups/usable.ts';
import type { Work } from '../work.ts';
import {
  deviceNotOwned,
  groupsHoldPortSecurity,
  groupsNeedPortSecurity,
  macAddressInUse,
  pairsNeedPortSecurity,
  portBound,
  portInUse,
  unsupportedOwner,
} from './errors.ts';
import { changeAddresses } from './fixed-ips.ts';
import { randomMac } from './mac.ts';
import { engineKind, isNetworkDevice, isRouterPort } from './owners.ts';
import type { portAttributes } from './schema.ts';
import { refuseServiceAddresses, sharedAddresses, touchSharedAddresses } from './shared-addresses.ts';
import { macTaken, type PortRow, setPortGroups, updatePortRow } from './store.ts';
import type { AddressPair, DhcpOption, FixedIp } from './values.ts';
import { vifType } from './view.ts';

/**
 * What a `PUT /ports/{id}` gave, converted; a null host or profile empties it, a null MAC address asks for a new one.
 */
export type PortChanges = Updated<typeof portAttributes>;

/** Changes a port, following neutron/plugins/ml2/plugin.py. Throws the errors of ./errors.ts. */
export async function updatePort(
  work: Work,
  port: PortRow,
  changes: PortChanges,
  viewer: Viewer,
): Promise<void> {
  await requireOwnRouter(work, port, changes, viewer);
  await refuseBindingShared(work, port, changes);
  refuseTypeOfBound(port, changes);
  const owner = changes.device_owner ?? port.device_owner;
  const mac = await newMac(work, port, changes.mac_address, owner);
  const security = isNetworkDevice(owner)
    ? false
    : (changes.port_security_enabled ?? port.port_security_enabled === 1);
  const pairs = pairsFor(port, changes, security);
  await changeGroups(work, port, changes, security, viewer);
  await updatePortRow(work.db, port.id, {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.admin_state_up !== undefined && { admin_state_up: bit(changes.admin_state_up) }),
    ...(changes.device_id !== undefined && { device_id: changes.device_id }),
    ...(changes.dns_name !== undefined && { dns_name: changes.dns_name }),
    ...(changes.dns_domain !== undefined && { dns_domain: changes.dns_domain }),
    ...(changes.extra_dhcp_opts && {
      extra_dhcp_opts: toJson(mergedOptions(port, changes.extra_dhcp_opts)),
    }),
    ...bindingOf(port, changes),
    device_owner: owner,
    mac_address: mac,
    port_security_enabled: bit(security),
    allowed_address_pairs: toJson(pairs),
  });
  if (changes.fixed_ips) {
    await requireFloatingKept(work, port, changes.fixed_ips);
    await changeAddresses(
      work.db,
      { id: port.id, networkId: port.network_id, deviceOwner: owner, mac },
      port.addresses,
      changes.fixed_ips,
    );
  }
  if (changes.allowed_address_pairs) {
    await refuseServiceAddresses(work.db, port.network_id, pairs);
    await touchSharedAddresses(work, port.network_id, [...pairs, ...pairsBefore(port)]);
  }
  const host = changes['binding:host_id'];
  if (host !== undefined && host !== port.binding_host_id) work.rewire(port.binding_host_id);
  if (engineKind(owner)) work.touch('port', port.id);
  if (isRouterPort(port.device_owner)) work.touch('router', port.device_id);
}

/** Only administrators may make a port one of another project's router, as interface or as gateway. */
async function requireOwnRouter(
  work: Work,
  port: PortRow,
  changes: PortChanges,
  viewer: Viewer,
): Promise<void> {
  const owner = changes.device_owner ?? port.device_owner;
  const device = changes.device_id ?? port.device_id;
  const changed = changes.device_owner !== undefined || device !== port.device_id;
  if (viewer.admin || !changed || !isRouterPort(owner) || device === '') return;
  const [router] = await routersById(work.db, [device]);
  if (router && router.project_id !== port.project_id) throw deviceNotOwned(device);
}

/** No guest can be behind a port that stands for others. */
async function refuseBindingShared(work: Work, port: PortRow, changes: PortChanges): Promise<void> {
  const device = changes.device_id;
  const host = changes['binding:host_id'];
  const bound = device !== undefined && device !== port.device_id && host && host !== port.binding_host_id;
  if (bound && (await sharedAddresses(work.db, [port])).has(port.id))
    throw badResource('port', 'A virtual logical switch port cannot be bound to a host');
}

/** What a guest is wired by cannot become something else under it. */
function refuseTypeOfBound(port: PortRow, changes: PortChanges): void {
  const type = changes['binding:vnic_type'];
  if (type !== undefined && type !== port.binding_vnic_type && vifType(port) !== 'unbound')
    throw portInUse(port.id, port.network_id, port.device_id);
}

/** An address a floating ip leads to stays, and must be named for that. */
async function requireFloatingKept(work: Work, port: PortRow, asked: readonly FixedIp[]): Promise<void> {
  const floating = await floatingIpsOfPorts(work.db, [port.id]);
  const kept = new Set(asked.map((ip) => ip.ip_address));
  if (floating.some((ip) => ip.fixed_ip_address !== null && !kept.has(ip.fixed_ip_address))) {
    throw badResource(
      'port',
      `Cannot update the fixed_ips of the port ${port.id}, because its original fixed_ip has been associated to a floating ip`,
    );
  }
}

async function newMac(
  work: Work,
  port: PortRow,
  asked: string | null | undefined,
  owner: string,
): Promise<string> {
  if (asked === undefined || asked === port.mac_address) return port.mac_address;
  if (isNetworkDevice(owner)) throw unsupportedOwner('mac address update', port.id, owner);
  const mac = asked ?? randomMac();
  if (vifType(port) !== 'unbound') throw portBound(port.id, vifType(port), port.mac_address, mac);
  if (await macTaken(work.db, port.network_id, mac, port.id)) throw macAddressInUse(port.network_id, mac);
  return mac;
}

function pairsFor(port: PortRow, changes: PortChanges, security: boolean): readonly AddressPair[] {
  const asked = changes.allowed_address_pairs;
  const before = pairsBefore(port);
  const left = asked ?? (becameDevice(port, changes) ? [] : before);
  if (!security && left.length > 0) throw pairsNeedPortSecurity();
  return asked ?? before;
}

/** Devices of the network keep the pairs and groups they had as other ports; nothing comes of them any more. */
const becameDevice = (port: PortRow, changes: PortChanges): boolean =>
  isNetworkDevice(changes.device_owner ?? port.device_owner);

const pairsBefore = (port: PortRow): AddressPair[] => fromJson<AddressPair[]>(port.allowed_address_pairs);

async function changeGroups(
  work: Work,
  port: PortRow,
  changes: PortChanges,
  security: boolean,
  viewer: Viewer,
): Promise<void> {
  const asked = changes.security_groups;
  if (!security) {
    if ((asked?.length ?? 0) > 0) throw groupsNeedPortSecurity();
    if (asked === undefined && port.securityGroups.length > 0 && !becameDevice(port, changes))
      throw groupsHoldPortSecurity();
  }
  if (asked === undefined) return;
  const groups = await usableGroups(
    work,
    { projectId: port.project_id, deviceOwner: port.device_owner, securityGroups: asked },
    viewer,
  );
  await setPortGroups(work.db, port.id, groups);
}

/** Options replace those of the same name and version; one without a value is taken away. */
function mergedOptions(port: PortRow, changes: readonly DhcpOption[]): readonly DhcpOption[] {
  const key = (option: DhcpOption) => `${option.opt_name} ${option.ip_version}`;
  const options = new Map(fromJson<DhcpOption[]>(port.extra_dhcp_opts).map((o) => [key(o), o]));
  for (const option of changes) {
    if (option.opt_value === null) options.delete(key(option));
    else options.set(key(option), option);
  }
  return [...options.values()];
}

function bindingOf(port: PortRow, changes: PortChanges) {
  const host = changes['binding:host_id'];
  const vnicType = changes['binding:vnic_type'];
  const profile = changes['binding:profile'];
  const moved = host !== undefined && (host ?? '') !== port.binding_host_id;
  return {
    // a port that moves is down until it is wired at its new place
    ...(moved && { binding_host_id: host ?? '', status: 'DOWN' }),
    ...(vnicType !== undefined && { binding_vnic_type: vnicType }),
    ...(profile !== undefined && { binding_profile: toJson(profile ?? {}) }),
  };
}
