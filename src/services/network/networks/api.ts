import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createNetwork } from './create.ts';
import { networks } from './noun.ts';
import { removeNetwork, updateNetwork } from './update.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#networks */
export const networkEndpoints = [
  endpoint({
    method: 'GET',
    path: '/networks',
    policy: null,
    status: 200,
    handler: listing(networks),
  }),
  endpoint({
    method: 'POST',
    path: '/networks',
    policy: 'create_network',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(networks, createNetwork),
  }),
  endpoint({
    method: 'GET',
    path: '/networks/{id}',
    policy: 'get_network',
    load: loading(networks),
    target: networks.target,
    status: 200,
    handler: showing(networks),
  }),
  endpoint({
    method: 'PUT',
    path: '/networks/{id}',
    policy: 'update_network',
    load: loading(networks),
    target: networks.target,
    body: 'json',
    status: 200,
    handler: updating(networks, updateNetwork),
  }),
  endpoint({
    method: 'DELETE',
    path: '/networks/{id}',
    policy: 'delete_network',
    load: loading(networks),
    target: networks.target,
    status: 204,
    handler: deleting(networks, removeNetwork),
  }),
];
