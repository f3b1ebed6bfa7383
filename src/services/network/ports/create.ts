import { bit, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { networkNotFound } from '../errors.ts';
import { findNetwork, type NetworkRow } from '../networks/store.ts';
import type { Viewer } from '../resource/viewer.ts';
import { routersById } from '../routers/store.ts';
import { usableGroups } from '../security-groups/usable.ts';
import type { PortTable } from '../tables.ts';
import { addTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import {
  deviceNotOwned,
  groupsNeedPortSecurity,
  macAddressInUse,
  noMacAddress,
  pairsNeedPortSecurity,
} from './errors.ts';
import { allocateAddresses } from './fixed-ips.ts';
import { randomMac } from './mac.ts';
import { engineKind, isNetworkDevice, isRouterPort } from './owners.ts';
import { refuseServiceAddresses, touchSharedAddresses } from './shared-addresses.ts';
import { insertPort, setPortGroups } from './store.ts';
import type { AddressPair, DhcpOption, FixedIp } from './values.ts';

/** A port to be made, whoever asks: the API, Compute, a router. What is left out takes its default. */
export interface NewPort {
  readonly id?: string;
  readonly networkId: string;
  readonly projectId: string;
  readonly name?: string;
  readonly description?: string;
  readonly mac?: string | null | undefined;
  readonly adminStateUp?: boolean;
  readonly deviceId?: string;
  readonly deviceOwner?: string;
  readonly status?: string;
  readonly fixedIps?: readonly FixedIp[] | undefined;
  /** Undefined: the project's default group. */
  readonly securityGroups?: readonly string[] | undefined;
  readonly portSecurity?: boolean | undefined;
  readonly addressPairs?: readonly AddressPair[] | undefined;
  readonly dhcpOptions?: readonly DhcpOption[] | null;
  readonly host?: string | null | undefined;
  readonly vnicType?: string;
  readonly profile?: Readonly<Record<string, unknown>> | null | undefined;
  readonly dnsName?: string;
  readonly dnsDomain?: string;
  readonly tags?: readonly string[];
}

/** Random MAC addresses tried before giving up. */
const macAttempts = 16;

/**
 * Makes a port, following neutron/plugins/ml2/plugin.py, and answers its id. Throws `networkNotFound` for a network
 * the viewer does not see and the errors of ./errors.ts. Quota is not looked at: whoever serves a request does that.
 */
export async function createPort(work: Work, port: NewPort, viewer: Viewer): Promise<string> {
  const network = await findNetwork(work.db, port.networkId, viewer);
  if (!network) throw networkNotFound(port.networkId);
  await requireOwnRouter(work, port, viewer);
  const security = securityOf(port, network);
  const groups = security ? await usableGroups(work, port, viewer) : [];
  await refuseServiceAddresses(work.db, network.id, port.addressPairs ?? []);
  const row = await insertWithMac(work, rowOf(work, port, security), port.mac);
  await allocateAddresses(
    work.db,
    { id: row.id, networkId: network.id, deviceOwner: row.device_owner, mac: row.mac_address },
    port.fixedIps,
  );
  await setPortGroups(work.db, row.id, groups);
  await touchSharedAddresses(work, network.id, port.addressPairs ?? []);
  await addTags(work.db, row.id, port.tags ?? []);
  if (engineKind(row.device_owner)) work.touch('port', row.id);
  return row.id;
}

/** Only administrators may make a port one of another project's router, as interface or as gateway. */
async function requireOwnRouter(work: Work, port: NewPort, viewer: Viewer): Promise<void> {
  if (viewer.admin || !isRouterPort(port.deviceOwner ?? '') || !port.deviceId) return;
  const [router] = await routersById(work.db, [port.deviceId]);
  if (router && router.project_id !== port.projectId) throw deviceNotOwned(port.deviceId);
}

/** Whether port security is on; network devices are trusted. Throws for what would need it. */
function securityOf(port: NewPort, network: NetworkRow): boolean {
  const security = isNetworkDevice(port.deviceOwner ?? '')
    ? false
    : (port.portSecurity ?? network.port_security_enabled === 1);
  if (!security && (port.addressPairs?.length ?? 0) > 0) throw pairsNeedPortSecurity();
  if (!security && (port.securityGroups?.length ?? 0) > 0) throw groupsNeedPortSecurity();
  return security;
}

function rowOf(work: Work, port: NewPort, security: boolean): PortTable {
  return {
    id: port.id ?? newUuid(),
    project_id: port.projectId,
    network_id: port.networkId,
    name: port.name ?? '',
    description: port.description ?? '',
    mac_address: '',
    admin_state_up: bit(port.adminStateUp ?? true),
    status: port.status ?? 'DOWN',
    device_id: port.deviceId ?? '',
    device_owner: port.deviceOwner ?? '',
    port_security_enabled: bit(security),
    ip_allocation: port.fixedIps?.length === 0 ? 'none' : 'immediate',
    dns_name: port.dnsName ?? '',
    dns_domain: port.dnsDomain ?? '',
    binding_host_id: port.host ?? '',
    binding_vnic_type: port.vnicType ?? 'normal',
    binding_profile: toJson(port.profile ?? {}),
    allowed_address_pairs: toJson(port.addressPairs ?? []),
    extra_dhcp_opts: toJson((port.dhcpOptions ?? []).filter((option) => option.opt_value !== null)),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 1,
  };
}

async function insertWithMac(work: Work, row: PortTable, mac: string | null | undefined): Promise<PortTable> {
  if (mac) {
    const given = { ...row, mac_address: mac };
    if (!(await insertPort(work.db, given))) throw macAddressInUse(row.network_id, mac);
    return given;
  }
  for (let i = 0; i < macAttempts; i++) {
    const random = { ...row, mac_address: randomMac() };
    if (await insertPort(work.db, random)) return random;
  }
  throw noMacAddress(row.network_id);
}
