import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import type { Created } from '../resource/attribute.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createPort, type NewPort } from './create.ts';
import { ports } from './noun.ts';
import { removePort } from './remove.ts';
import type { portAttributes } from './schema.ts';
import { updatePort } from './update.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#ports */
export const portEndpoints = [
  endpoint({
    method: 'GET',
    path: '/ports',
    policy: null,
    status: 200,
    handler: listing(ports),
  }),
  endpoint({
    method: 'POST',
    path: '/ports',
    policy: 'create_port',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(ports, (work, given, viewer) => createPort(work, fromBody(given), viewer)),
  }),
  endpoint({
    method: 'GET',
    path: '/ports/{id}',
    policy: 'get_port',
    load: loading(ports),
    target: ports.target,
    status: 200,
    handler: showing(ports),
  }),
  endpoint({
    method: 'PUT',
    path: '/ports/{id}',
    policy: 'update_port',
    load: loading(ports),
    target: ports.target,
    body: 'json',
    status: 200,
    handler: updating(ports, updatePort),
  }),
  endpoint({
    method: 'DELETE',
    path: '/ports/{id}',
    policy: 'delete_port',
    load: loading(ports),
    target: ports.target,
    status: 204,
    handler: deleting(ports, removePort),
  }),
];

const fromBody = (given: Created<typeof portAttributes>): NewPort => ({
  networkId: given.network_id,
  projectId: given.project_id,
  name: given.name,
  description: given.description,
  mac: given.mac_address,
  adminStateUp: given.admin_state_up,
  deviceId: given.device_id,
  deviceOwner: given.device_owner,
  fixedIps: given.fixed_ips,
  securityGroups: given.security_groups,
  portSecurity: given.port_security_enabled,
  addressPairs: given.allowed_address_pairs,
  dhcpOptions: given.extra_dhcp_opts,
  host: given['binding:host_id'],
  vnicType: given['binding:vnic_type'],
  profile: given['binding:profile'],
  dnsName: given.dns_name,
  dnsDomain: given.dns_domain,
  tags: given.tags,
});
