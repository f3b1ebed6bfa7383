import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createFloatingIp, removeFloatingIp, updateFloatingIp } from './lifecycle.ts';
import { floatingIps } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips */
export const floatingIpEndpoints = [
  endpoint({
    method: 'GET',
    path: '/floatingips',
    policy: null,
    status: 200,
    handler: listing(floatingIps),
  }),
  endpoint({
    method: 'POST',
    path: '/floatingips',
    policy: 'create_floatingip',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(floatingIps, createFloatingIp),
  }),
  endpoint({
    method: 'GET',
    path: '/floatingips/{id}',
    policy: 'get_floatingip',
    load: loading(floatingIps),
    target: floatingIps.target,
    status: 200,
    handler: showing(floatingIps),
  }),
  endpoint({
    method: 'PUT',
    path: '/floatingips/{id}',
    policy: 'update_floatingip',
    load: loading(floatingIps),
    target: floatingIps.target,
    body: 'json',
    status: 200,
    handler: updating(floatingIps, updateFloatingIp),
  }),
  endpoint({
    method: 'DELETE',
    path: '/floatingips/{id}',
    policy: 'delete_floatingip',
    load: loading(floatingIps),
    target: floatingIps.target,
    status: 204,
    handler: deleting(floatingIps, removeFloatingIp),
  }),
];
