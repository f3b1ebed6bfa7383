import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { found } from '../errors.ts';
import { collection, pageOf, textMatches } from '../listing.ts';
import type { Identity } from '../service.ts';
import { createRole, deleteRole, updateRole } from './operations.ts';
import { createRoleBody, listRolesQuery, updateRoleBody } from './schema.ts';
import type { Role } from './store.ts';
import { viewRole } from './view.ts';

const endpoint = endpointOf<Identity>();

type InRole = Call<Identity, { role_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findRole = ({ service, params }: InRole): Promise<Role | undefined> =>
  service.roles.find(params.role_id);

const roleTarget = (role: Role | undefined) =>
  role ? { 'target.role.name': role.name, 'target.role.domain_id': role.domainId } : {};

const present = (role: Role | undefined, id: string): Role => found(role, 'role', id);

/** A domain's own role is guarded by a rule of its own, besides the one of all roles. */
function enforceForDomainRole(call: Pick<Call<Identity>, 'enforce'>, role: Role, rule: string): void {
  if (role.domainId !== null) call.enforce(rule, roleTarget(role));
}

/** https://docs.openstack.org/api-ref/identity/v3/#roles */
export const roleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/roles',
    policy: 'identity:list_roles',
    query: listRolesQuery,
    status: 200,
    handler: async (call) => {
      const { service, query, request } = call;
      if (query.domain_id !== undefined) call.enforce('identity:list_domain_roles');
      const page = pageOf(query);
      const roles = await service.roles.list(
        {
          domainId: (query.domain_id as string | undefined) ?? null,
          ...(query.name !== undefined && { name: query.name as string }),
          matches: textMatches(query, ['name']),
        },
        page,
      );
      return collection(
        'roles',
        roles.map((role) => viewRole(role, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/roles',
    policy: 'identity:create_role',
    body: createRoleBody,
    status: 201,
    handler: async (call) => {
      const { service, body, request } = call;
      if (body.role.domain_id)
        call.enforce('identity:create_domain_role', { 'target.role.domain_id': body.role.domain_id });
      return { role: viewRole(await createRole(service, body.role), request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/roles/{role_id}',
    policy: 'identity:get_role',
    status: 200,
    load: findRole,
    target: roleTarget,
    handler: (call) => {
      const role = present(call.resource, call.params.role_id);
      enforceForDomainRole(call, role, 'identity:get_domain_role');
      return { role: viewRole(role, call.request.origin) };
    },
  }),

  endpoint({
    method: 'PATCH',
    path: '/roles/{role_id}',
    policy: 'identity:update_role',
    body: updateRoleBody,
    status: 200,
    load: findRole,
    target: roleTarget,
    handler: async (call) => {
      const role = present(call.resource, call.params.role_id);
      enforceForDomainRole(call, role, 'identity:update_domain_role');
      return { role: viewRole(await updateRole(call.service, role, call.body.role), call.request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/roles/{role_id}',
    policy: 'identity:delete_role',
    status: 204,
    load: findRole,
    target: roleTarget,
    handler: (call) => {
      const role = present(call.resource, call.params.role_id);
      enforceForDomainRole(call, role, 'identity:delete_domain_role');
      return deleteRole(call.service, role);
    },
  }),
];
