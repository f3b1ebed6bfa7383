import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { createRbacPolicy, removeRbacPolicy, updateRbacPolicy } from './lifecycle.ts';
import { rbacPolicies } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#rbac-policies */
export const rbacPolicyEndpoints = [
  endpoint({
    method: 'GET',
    path: '/rbac-policies',
    policy: null,
    status: 200,
    handler: listing(rbacPolicies),
  }),
  endpoint({
    method: 'POST',
    path: '/rbac-policies',
    policy: 'create_rbac_policy',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(rbacPolicies, createRbacPolicy),
  }),
  endpoint({
    method: 'GET',
    path: '/rbac-policies/{id}',
    policy: 'get_rbac_policy',
    load: loading(rbacPolicies),
    target: rbacPolicies.target,
    status: 200,
    handler: showing(rbacPolicies),
  }),
  endpoint({
    method: 'PUT',
    path: '/rbac-policies/{id}',
    policy: 'update_rbac_policy',
    load: loading(rbacPolicies),
    target: rbacPolicies.target,
    body: 'json',
    status: 200,
    handler: updating(rbacPolicies, updateRbacPolicy),
  }),
  endpoint({
    method: 'DELETE',
    path: '/rbac-policies/{id}',
    policy: 'delete_rbac_policy',
    load: loading(rbacPolicies),
    target: rbacPolicies.target,
    status: 204,
    handler: deleting(rbacPolicies, removeRbacPolicy),
  }),
];
