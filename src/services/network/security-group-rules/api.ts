import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, showing } from '../resource/handlers.ts';
import type { Network } from '../service.ts';
import { checkTogether, createRule, removeRule } from './create.ts';
import { securityGroupRules } from './noun.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#security-group-rules-security-group-rules */
export const securityGroupRuleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/security-group-rules',
    policy: null,
    status: 200,
    handler: listing(securityGroupRules),
  }),
  endpoint({
    method: 'POST',
    path: '/security-group-rules',
    policy: 'create_security_group_rule',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(securityGroupRules, createRule, checkTogether),
  }),
  endpoint({
    method: 'GET',
    path: '/security-group-rules/{id}',
    policy: 'get_security_group_rule',
    load: loading(securityGroupRules),
    target: securityGroupRules.target,
    status: 200,
    handler: showing(securityGroupRules),
  }),
  endpoint({
    method: 'DELETE',
    path: '/security-group-rules/{id}',
    policy: 'delete_security_group_rule',
    load: loading(securityGroupRules),
    target: securityGroupRules.target,
    status: 204,
    handler: deleting(securityGroupRules, removeRule),
  }),
];
