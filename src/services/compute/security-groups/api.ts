import { badRequest, forbidden, isKind } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { type AskingCall, askPeer } from '../peers/ask.ts';
import { lastOf } from '../query.ts';
import { loadsServer } from '../servers/find.ts';
import { portsOf } from '../servers/ports.ts';
import type { Compute } from '../service.ts';
import { findGroup, listGroups, namesFor, requireGroupId } from './groups.ts';
import { networkRule, readRule, samePermission } from './rules.ts';
import {
  listSecurityGroupsQuery,
  listServerSecurityGroupsQuery,
  securityGroupBody,
  securityGroupRuleBody,
} from './schema.ts';
import {
  type GroupOnWire,
  incomingRules,
  permissionOf,
  type RuleOnWire,
  viewRule,
  viewSecurityGroup,
} from './view.ts';

const endpoint = endpointOf<Compute>();

const until = '2.35';

/** https://docs.openstack.org/api-ref/compute/#security-groups-os-security-groups-deprecated */
export const securityGroupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-security-groups',
    until,
    policy: 'os_compute_api:os-security-groups:get',
    query: listSecurityGroupsQuery,
    status: 200,
    handler: async (call) => {
      const { query, auth, service } = call;
      const everybodys = 'all_tenants' in query && call.allows('context_is_admin');
      const groups = await listGroups(call, everybodys ? [] : [['tenant_id', auth.projectId ?? '']]);
      const { max_limit: most } = service.parts.options;
      const offset = Number(lastOf(query, 'offset') ?? 0);
      const limit = Math.min(Number(lastOf(query, 'limit') ?? 0) || most, most);
      return { security_groups: await viewGroups(call, groups.slice(offset, offset + limit)) };
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-security-groups',
    until,
    policy: 'os_compute_api:os-security-groups:create',
    body: securityGroupBody,
    status: 200,
    handler: async (call) => {
      const path = '/v2.0/security-groups';
      const { name, description } = call.body.security_group;
      const { security_group: group } = await askPeer<{ security_group: GroupOnWire }>(
        call,
        'network',
        'POST',
        path,
        { body: { security_group: { name, description } } },
      ).catch(overQuota);
      return { security_group: await viewGroup(call, group) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-security-groups/{id}',
    until,
    policy: 'os_compute_api:os-security-groups:show',
    status: 200,
    handler: async (call) => {
      requireGroupId(call.params.id);
      return { security_group: await viewGroup(call, await findGroup(call, call.params.id)) };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/os-security-groups/{id}',
    until,
    policy: 'os_compute_api:os-security-groups:update',
    body: securityGroupBody,
    status: 200,
    handler: async (call) => {
      requireGroupId(call.params.id);
      const { name, description } = call.body.security_group;
      const { security_group: group } = await askPeer<{ security_group: GroupOnWire }>(
        call,
        'network',
        'PUT',
        `/v2.0/security-groups/${call.params.id}`,
        { body: { security_group: { name, description } } },
      );
      return { security_group: await viewGroup(call, group) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-security-groups/{id}',
    until,
    policy: 'os_compute_api:os-security-groups:delete',
    status: 202,
    handler: async (call) => {
      requireGroupId(call.params.id);
      try {
        await askPeer(call, 'network', 'DELETE', `/v2.0/security-groups/${call.params.id}`);
      } catch (error) {
        // in use, or the default group
        if (isKind(error, 'conflict')) throw badRequest(error.message, undefined, error);
        throw error;
      }
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-security-group-rules',
    until,
    policy: 'os_compute_api:os-security-groups:rule:create',
    body: securityGroupRuleBody,
    status: 200,
    handler: async (call) => {
      const { security_group_rule: written } = call.body;
      const group = await findGroup(call, written.parent_group_id);
      const sender = written.group_id ? await findGroup(call, written.group_id) : group;
      const wanted = readRule(written);
      if (incomingRules(group).some((rule) => samePermission(permissionOf(rule), wanted)))
        throw badRequest(`This rule already exists in group ${group.id}`);
      const { security_group_rule: rule } = await askPeer<{ security_group_rule: RuleOnWire }>(
        call,
        'network',
        'POST',
        '/v2.0/security-group-rules',
        { body: { security_group_rule: networkRule(group.id, wanted) } },
      ).catch(overQuota);
      return { security_group_rule: viewRule(rule, new Map([[sender.id, sender]])) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-security-group-rules/{id}',
    until,
    policy: 'os_compute_api:os-security-groups:rule:delete',
    status: 202,
    handler: async (call) => {
      requireGroupId(call.params.id);
      await askPeer(call, 'network', 'DELETE', `/v2.0/security-group-rules/${call.params.id}`);
    },
  }),

  endpoint({
    ...loadsServer,
    method: 'GET',
    path: '/servers/{server_id}/os-security-groups',
    policy: 'os_compute_api:os-security-groups:list',
    query: listServerSecurityGroupsQuery,
    status: 200,
    handler: async (call) => {
      const ports = await portsOf(call.service, [call.resource]);
      const ids = new Set(ports.flatMap((port) => port.securityGroups));
      if (ids.size === 0) return { security_groups: [] };
      const groups = await listGroups(
        call,
        [...ids].map((id) => ['id', id]),
      );
      return { security_groups: await viewGroups(call, groups) };
    },
  }),
];

const viewGroup = async (call: AskingCall, group: GroupOnWire) =>
  viewSecurityGroup(group, await namesFor(call, [group]));

/** Groups by project and name. */
async function viewGroups(call: AskingCall, groups: readonly GroupOnWire[]) {
  const names = await namesFor(call, groups);
  return groups
    .toSorted((a, b) => compare(a.project_id, b.project_id) || compare(a.name, b.name))
    .map((group) => viewSecurityGroup(group, names));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Every conflict is over quota to Nova here. */
function overQuota(error: unknown): never {
  throw isKind(error, 'conflict') ? forbidden(error.message, undefined, error) : error;
}
