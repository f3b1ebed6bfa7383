import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createSubnetPool, removeSubnetPool, updateSubnetPool } from './lifecycle.ts';
import { subnetPools } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#subnet-pools-extension-subnetpools */
export const subnetPoolEndpoints = [
  endpoint({
    method: 'GET',
    path: '/subnetpools',
    policy: null,
    status: 200,
    handler: listing(subnetPools),
  }),
  endpoint({
    method: 'POST',
    path: '/subnetpools',
    policy: 'create_subnetpool',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(subnetPools, createSubnetPool),
  }),
  endpoint({
    method: 'GET',
    path: '/subnetpools/{id}',
    policy: 'get_subnetpool',
    load: loading(subnetPools),
    target: subnetPools.target,
    status: 200,
    handler: showing(subnetPools),
  }),
  endpoint({
    method: 'PUT',
    path: '/subnetpools/{id}',
    policy: 'update_subnetpool',
    load: loading(subnetPools),
    target: subnetPools.target,
    body: 'json',
    status: 200,
    handler: updating(subnetPools, updateSubnetPool),
  }),
  endpoint({
    method: 'DELETE',
    path: '/subnetpools/{id}',
    policy: 'delete_subnetpool',
    load: loading(subnetPools),
    target: subnetPools.target,
    status: 204,
    handler: deleting(subnetPools, removeSubnetPool),
  }),
];
