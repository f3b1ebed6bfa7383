import { attributes, identity, named, standard, tagged } from '../resource/attribute.ts';
import { bool, cidr, integer, ipAddress, nonNegative, nullable, oneOf, uuid } from '../resource/values.ts';
import { addressList, allocationPools, hostRoutes, serviceTypes } from './values.ts';

const ipv6Mode = oneOf(['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']);

/** neutron_lib/api/definitions/subnet.py and what extensions add to it. */
export const subnetAttributes = attributes({
  ...identity,
  ...named,
  ...standard,
  ...tagged,
  ip_version: { type: oneOf([4, 6], integer.convert), post: true, filter: true, sort: true },
  network_id: { type: uuid, post: true, filter: true, sort: true },
  subnetpool_id: { type: nullable(uuid), post: true, optional: true, filter: true, sort: true },
  prefixlen: { type: nonNegative, post: true, optional: true, hidden: true },
  use_default_subnetpool: { type: bool, post: true, default: false, hidden: true },
  cidr: { type: cidr, post: true, optional: true, filter: true, sort: true },
  gateway_ip: { type: nullable(ipAddress), post: true, put: true, optional: true, filter: true, sort: true },
  allocation_pools: { type: allocationPools, post: true, put: true, optional: true },
  dns_nameservers: { type: addressList, post: true, put: true, optional: true },
  host_routes: { type: hostRoutes, post: true, put: true, optional: true },
  enable_dhcp: { type: bool, post: true, put: true, default: true, filter: true, sort: true },
  ipv6_ra_mode: { type: ipv6Mode, post: true, optional: true, filter: true, sort: true },
  ipv6_address_mode: { type: ipv6Mode, post: true, optional: true, filter: true, sort: true },
  // has rules of its own, but is not guarded: Neutron's definition of the attribute does not have them enforced
  service_types: { type: serviceTypes, post: true, put: true, optional: true },
  // filters only
  shared: { type: bool, hidden: true, filter: true },
  'router:external': { type: bool, filter: true },
});
