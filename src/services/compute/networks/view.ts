/** What the proxies need of a network as Network shows it. */
export interface NetworkOnWire {
  readonly id: string;
  readonly name: string;
}

/** What networks were once shown with; nothing fills these any more. */
const emptyFields = [
  'cidr',
  'netmask',
  'gateway',
  'broadcast',
  'dns1',
  'dns2',
  'cidr_v6',
  'gateway_v6',
  'netmask_v6',
];

const emptyFieldsOfAdmins = [
  'created_at',
  'updated_at',
  'deleted_at',
  'deleted',
  'injected',
  'bridge',
  'vlan',
  'vpn_public_address',
  'vpn_public_port',
  'vpn_private_address',
  'dhcp_start',
  'project_id',
  'host',
  'bridge_interface',
  'multi_host',
  'priority',
  'rxtx_base',
  'mtu',
  'dhcp_server',
  'enable_dhcp',
  'share_address',
];

const nulls = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
const empty = nulls(emptyFields);
const emptyForAdmins = nulls([...emptyFields, ...emptyFieldsOfAdmins]);

/** A network at `/os-networks`: every field of old, all but two of them null, as Nova shows it. */
export const viewNetwork = (network: NetworkOnWire, admin: boolean) => ({
  id: network.id,
  label: network.name,
  ...(admin ? emptyForAdmins : empty),
});

/** A network at `/os-tenant-networks`. Its range is the text `None`, as Nova shows it. */
export const viewTenantNetwork = (network: NetworkOnWire) => ({
  id: network.id,
  cidr: 'None',
  label: network.name,
});
