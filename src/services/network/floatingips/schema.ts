import { dnsDomain, dnsName } from '../ports/dns.ts';
import { attributes, identity, standard, tagged } from '../resource/attribute.ts';
import { anything, ipAddress, nullable, text, uuid } from '../resource/values.ts';

/**
 * neutron_lib/api/definitions/l3.py, the floating ips, and what extensions add to them. `port_id` may be left out of
 * an update, which then leaves it; null takes it away.
 */
export const floatingIpAttributes = attributes({
  ...identity,
  ...standard,
  ...tagged,
  floating_ip_address: {
    type: nullable(ipAddress),
    post: true,
    default: null,
    filter: true,
    sort: true,
    guarded: true,
  },
  subnet_id: { type: nullable(uuid), post: true, default: null, hidden: true },
  floating_network_id: { type: uuid, post: true, filter: true, sort: true },
  router_id: { type: uuid, filter: true, sort: true },
  port_id: { type: nullable(uuid), post: true, put: true, optional: true, filter: true },
  fixed_ip_address: {
    type: nullable(ipAddress),
    post: true,
    put: true,
    optional: true,
    filter: true,
    sort: true,
  },
  status: { type: text(16), filter: true, sort: true },
  port_details: { type: anything },
  dns_name: { type: dnsName, post: true, default: '' },
  dns_domain: { type: dnsDomain, post: true, default: '' },
});
