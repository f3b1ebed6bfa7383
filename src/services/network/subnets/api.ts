import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createSubnet } from './create.ts';
import { subnets } from './noun.ts';
import { removeSubnet } from './remove.ts';
import { updateSubnet } from './update.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#subnets */
export const subnetEndpoints = [
  endpoint({
    method: 'GET',
    path: '/subnets',
    policy: null,
    status: 200,
    handler: listing(subnets),
  }),
  endpoint({
    method: 'POST',
    path: '/subnets',
    policy: 'create_subnet',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(subnets, createSubnet),
  }),
  endpoint({
    method: 'GET',
    path: '/subnets/{id}',
    policy: 'get_subnet',
    load: loading(subnets),
    target: subnets.target,
    status: 200,
    handler: showing(subnets),
  }),
  endpoint({
    method: 'PUT',
    path: '/subnets/{id}',
    policy: 'update_subnet',
    load: loading(subnets),
    target: subnets.target,
    body: 'json',
    status: 200,
    handler: updating(subnets, updateSubnet),
  }),
  endpoint({
    method: 'DELETE',
    path: '/subnets/{id}',
    policy: 'delete_subnet',
    load: loading(subnets),
    target: subnets.target,
    status: 204,
    handler: deleting(subnets, removeSubnet),
  }),
];
