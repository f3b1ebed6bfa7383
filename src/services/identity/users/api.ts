import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';

import { found } from '../errors.ts';
import { viewGroup } from '../groups/view.ts';
import { collection, isTrue, pageOf, requireMarker, textMatches } from '../listing.ts';
import { matchesProject } from '../projects/filter.ts';
import { viewProject } from '../projects/view.ts';
import { domainFor } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { checkExpiryFilter } from './expiry-filter.ts';
import { changePassword, createUser, removeUsers, updateUser } from './operations.ts';
import {
  changePasswordBody,
  createUserBody,
  listUserGroupsQuery,
  listUserProjectsQuery,
  listUsersQuery,
  updateUserBody,
} from './schema.ts';
import type { User } from './store.ts';
import { viewUpdatedUser, viewUser } from './view.ts';

const endpoint = endpointOf<Identity>();

type InUser = Call<Identity, { user_id: string }>;

// who does not exist is the caller's business only once policy has let the caller ask
const findUser = ({ service, params }: InUser): Promise<User | undefined> =>
  service.users.find(params.user_id);

const userTarget = (user: User | undefined, { params }: InUser) => ({
  user_id: params.user_id,
  ...(user && { 'target.user.id': user.id, 'target.user.domain_id': user.domainId }),
});

const present = (user: User | undefined, id: string): User => found(user, 'user', id);

/** https://docs.openstack.org/api-ref/identity/v3/#users */
export const userEndpoints = [
  endpoint({
    method: 'GET',
    path: '/users',
    policy: 'identity:list_users',
    query: listUsersQuery,
    status: 200,
    target: (_, { auth }) => (auth.domainId ? { 'target.domain_id': auth.domainId } : {}),
    handler: async ({ service, auth, query, request }) => {
      const page = pageOf(query);
      await requireMarker(page, (id) => service.users.find(id));
      const users = matchesNobody(query)
        ? []
        : await service.users.list({ ...filterOf(query), ...within(auth.domainId, query) }, page);
      return collection(
        'users',
        users.map((user) => viewUser(user, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/users',
    policy: 'identity:create_user',
    body: createUserBody,
    status: 201,
    target: (_, { auth }) => ({ 'target.user.domain_id': auth.domainId }),
    handler: async (call) => {
      const { service, auth, body, request } = call;
      const domainId = domainFor(body.user.domain_id, auth);
      call.enforce('identity:create_user', { 'target.user.domain_id': domainId });
      return { user: viewUser(await createUser(service, domainId, body.user), request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}',
    policy: 'identity:get_user',
    status: 200,
    load: findUser,
    target: userTarget,
    handler: ({ resource, params, request }) => ({
      user: viewUser(present(resource, params.user_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/users/{user_id}',
    policy: 'identity:update_user',
    body: updateUserBody,
    status: 200,
    load: findUser,
    target: userTarget,
    handler: async ({ service, resource, params, body, request }) => {
      const user = await updateUser(service, present(resource, params.user_id), body.user);
      return { user: viewUpdatedUser(user, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/users/{user_id}',
    policy: 'identity:delete_user',
    status: 204,
    load: findUser,
    target: userTarget,
    handler: async ({ service, resource, params }) => {
      const { id } = present(resource, params.user_id);
      await service.changes.apply((trx) => removeUsers(service, trx, [id]));
    },
  }),

  endpoint({
    method: 'POST',
    path: '/users/{user_id}/password',
    auth: 'none',
    policy: null,
    body: changePasswordBody,
    status: 204,
    handler: ({ service, params, body }) => changePassword(service, params.user_id, body.user),
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/groups',
    policy: 'identity:list_groups_for_user',
    query: listUserGroupsQuery,
    status: 200,
    load: findUser,
    target: userTarget,
    handler: async ({ service, auth, resource, params, query, request }) => {
      const groups = await service.groups.list({
        userId: present(resource, params.user_id).id,
        ...(auth.domainId !== undefined && { domainId: auth.domainId }),
        ...(query.name !== undefined && { name: query.name as string }),
        matches: textMatches(query, ['name']),
      });
      const views = groups.map((group) => ({
        ...viewGroup(group, request.origin),
        membership_expires_at: null,
      }));
      return collection('groups', views, request);
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/projects',
    policy: 'identity:list_user_projects',
    query: listUserProjectsQuery,
    status: 200,
    load: findUser,
    target: userTarget,
    handler: async ({ service, resource, params, query, request }) => {
      const { id } = present(resource, params.user_id);
      const { projects } = await service.effectiveRoles.targetsOf(id);
      return collection(
        'projects',
        projects.filter(matchesProject(query)).map((project) => viewProject(project, request.origin)),
        request,
      );
    },
  }),
];

const filterOf = (query: Query) => ({
  ...(query.domain_id !== undefined && { domainId: query.domain_id as string }),
  ...(query.name !== undefined && { name: query.name as string }),
  ...(query.enabled !== undefined && { enabled: isTrue(query.enabled as string) }),
  matches: textMatches(query, ['name']),
});

/** Whoever has a domain's token sees that domain only. */
function within(domainId: string | undefined, query: Query): { domainId?: string } {
  if (domainId === undefined) return {};
  return { domainId: query.domain_id === undefined || query.domain_id === domainId ? domainId : '' };
}

/** Filters no user here matches: there are no federated users, and passwords do not expire. */
function matchesNobody(query: Query): boolean {
  if (query.password_expires_at !== undefined) checkExpiryFilter(query.password_expires_at as string);
  return ['password_expires_at', 'idp_id', 'protocol_id', 'unique_id'].some(
    (name) => query[name] !== undefined,
  );
}
