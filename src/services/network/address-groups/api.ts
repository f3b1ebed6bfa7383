import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createAddressGroup, removeAddressGroup, updateAddressGroup } from './lifecycle.ts';
import { addressGroups } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#address-groups */
export const addressGroupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/address-groups',
    policy: null,
    status: 200,
    handler: listing(addressGroups),
  }),
  endpoint({
    method: 'POST',
    path: '/address-groups',
    policy: 'create_address_group',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(addressGroups, createAddressGroup),
  }),
  endpoint({
    method: 'GET',
    path: '/address-groups/{id}',
    policy: 'get_address_group',
    load: loading(addressGroups),
    target: addressGroups.target,
    status: 200,
    handler: showing(addressGroups),
  }),
  endpoint({
    method: 'PUT',
    path: '/address-groups/{id}',
    policy: 'update_address_group',
    load: loading(addressGroups),
    target: addressGroups.target,
    body: 'json',
    status: 200,
    handler: updating(addressGroups, updateAddressGroup),
  }),
  endpoint({
    method: 'DELETE',
    path: '/address-groups/{id}',
    policy: 'delete_address_group',
    load: loading(addressGroups),
    target: addressGroups.target,
    status: 204,
    handler: deleting(addressGroups, removeAddressGroup),
  }),
];
