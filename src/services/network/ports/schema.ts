import { attributes, identity, named, standard, tagged } from '../resource/attribute.ts';
import {
  anything,
  bool,
  canonicalMac,
  isMac,
  listOf,
  nullable,
  oneOf,
  shown,
  text,
  uuid,
  type ValueType,
} from '../resource/values.ts';
import { dnsDomain, dnsName } from './dns.ts';
import { addressPairs, dhcpOptions, fixedIps, profile, vnicTypes } from './values.ts';

// null asks for a new random address; tags may be given with a new port only
const macOrNew: ValueType<string | null> = {
  convert: canonicalMac,
  problem: (value) =>
    value === null || isMac(value) ? undefined : `'${shown(value)}' is not a valid MAC address`,
};

/**
 * neutron_lib/api/definitions/port.py and what extensions add to it. `dns_assignment` and `binding:vif_details` are
 * shown only, so nothing is checked of them.
 */
export const portAttributes = attributes({
  ...identity,
  ...named,
  ...standard,
  ...tagged,
  tags: { type: listOf(text(255)), post: true, default: [], filter: true },
  network_id: { type: uuid, post: true, filter: true, sort: true },
  admin_state_up: { type: bool, post: true, put: true, default: true, filter: true, sort: true },
  mac_address: {
    type: macOrNew,
    post: true,
    put: true,
    optional: true,
    filter: true,
    sort: true,
    guarded: true,
  },
  fixed_ips: { type: fixedIps, post: true, put: true, optional: true, filter: true, guarded: true },
  device_id: { type: text(255), post: true, put: true, default: '', filter: true, sort: true, guarded: true },
  device_owner: {
    type: text(255),
    post: true,
    put: true,
    default: '',
    filter: true,
    sort: true,
    guarded: true,
  },
  status: { type: text(16), filter: true, sort: true },
  security_groups: { type: listOf(uuid), post: true, put: true, optional: true, filter: true },
  port_security_enabled: { type: bool, post: true, put: true, optional: true, guarded: true },
  allowed_address_pairs: { type: addressPairs, post: true, put: true, optional: true, guarded: true },
  extra_dhcp_opts: { type: dhcpOptions, post: true, put: true, default: null },
  dns_name: { type: dnsName, post: true, put: true, default: '' },
  dns_domain: { type: dnsDomain, post: true, put: true, default: '' },
  dns_assignment: { type: anything },
  ip_allocation: { type: text(16), filter: true, sort: true },
  'binding:host_id': {
    type: nullable(text(255)),
    post: true,
    put: true,
    optional: true,
    filter: true,
    guarded: true,
  },
  'binding:vnic_type': { type: oneOf(vnicTypes), post: true, put: true, default: 'normal', guarded: true },
  'binding:profile': { type: profile, post: true, put: true, optional: true, guarded: true },
  'binding:vif_type': { type: text(64), filter: true },
  'binding:vif_details': { type: anything },
});
