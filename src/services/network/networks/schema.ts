import { dnsDomain } from '../ports/dns.ts';
import { attributes, identity, named, standard, tagged } from '../resource/attribute.ts';
import { anything, bool, integer, listOf, nonNegative, text } from '../resource/values.ts';

/** neutron_lib/api/definitions/network.py and what extensions add to it. */
export const networkAttributes = attributes({
  ...identity,
  ...named,
  ...standard,
  ...tagged,
  admin_state_up: { type: bool, post: true, put: true, default: true, filter: true, sort: true },
  status: { type: text(16), filter: true, sort: true },
  subnets: { type: anything },
  shared: { type: bool, post: true, put: true, default: false, filter: true, guarded: true },
  'router:external': { type: bool, post: true, put: true, default: false, filter: true, guarded: true },
  'provider:network_type': {
    type: text(32),
    post: true,
    put: true,
    optional: true,
    filter: true,
    guarded: true,
  },
  'provider:physical_network': {
    type: text(64),
    post: true,
    put: true,
    optional: true,
    filter: true,
    guarded: true,
  },
  'provider:segmentation_id': {
    type: integer,
    post: true,
    put: true,
    optional: true,
    filter: true,
    guarded: true,
  },
  // 0: what the network's type allows
  mtu: { type: nonNegative, post: true, put: true, default: 0, filter: true, sort: true },
  port_security_enabled: { type: bool, post: true, put: true, default: true, guarded: true },
  dns_domain: { type: dnsDomain, post: true, put: true, default: '' },
  is_default: { type: bool, post: true, put: true, default: false, filter: true, guarded: true },
  availability_zones: { type: anything },
  availability_zone_hints: { type: listOf(text(255)), post: true, default: [], sort: true },
  ipv4_address_scope: { type: anything },
  ipv6_address_scope: { type: anything },
});
