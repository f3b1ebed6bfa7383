import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createAddressScope, removeAddressScope, updateAddressScope } from './lifecycle.ts';
import { addressScopes } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#address-scopes-1 */
export const addressScopeEndpoints = [
  endpoint({
    method: 'GET',
    path: '/address-scopes',
    policy: null,
    status: 200,
    handler: listing(addressScopes),
  }),
  endpoint({
    method: 'POST',
    path: '/address-scopes',
    policy: 'create_address_scope',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(addressScopes, createAddressScope),
  }),
  endpoint({
    method: 'GET',
    path: '/address-scopes/{id}',
    policy: 'get_address_scope',
    load: loading(addressScopes),
    target: addressScopes.target,
    status: 200,
    handler: showing(addressScopes),
  }),
  endpoint({
    method: 'PUT',
    path: '/address-scopes/{id}',
    policy: 'update_address_scope',
    load: loading(addressScopes),
    target: addressScopes.target,
    body: 'json',
    status: 200,
    handler: updating(addressScopes, updateAddressScope),
  }),
  endpoint({
    method: 'DELETE',
    path: '/address-scopes/{id}',
    policy: 'delete_address_scope',
    load: loading(addressScopes),
    target: addressScopes.target,
    status: 204,
    handler: deleting(addressScopes, removeAddressScope),
  }),
];
