import { notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { found, missing, refuseDangling } from '../errors.ts';
import { collection, isTrue, pageOf, requireMarker, textMatches } from '../listing.ts';
import { domainFor } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { checkExpiryFilter } from '../users/expiry-filter.ts';
import type { User } from '../users/store.ts';
import { viewUser } from '../users/view.ts';
import { createGroup, removeGroups, updateGroup } from './operations.ts';
import { createGroupBody, listGroupsQuery, listGroupUsersQuery, updateGroupBody } from './schema.ts';
import type { Group } from './store.ts';
import { viewGroup } from './view.ts';

const endpoint = endpointOf<Identity>();

type InGroup = Call<Identity, { group_id: string }>;
type InMembership = Call<Identity, { group_id: string; user_id: string }>;

const findGroup = ({ service, params }: InGroup): Promise<Group | undefined> =>
  service.groups.find(params.group_id);

const groupTarget = (group: Group | undefined) => (group ? { 'target.group.domain_id': group.domainId } : {});

const present = (group: Group | undefined, id: string): Group => found(group, 'group', id);

interface Membership {
  readonly group: Group | undefined;
  readonly user: User | undefined;
}

const findMembership = async ({ service, params }: InMembership): Promise<Membership> => ({
  group: await service.groups.find(params.group_id),
  user: await service.users.find(params.user_id),
});

const membershipTarget = ({ group, user }: Membership) => ({
  ...groupTarget(group),
  ...(user && { 'target.user.domain_id': user.domainId }),
});

/** Both must be there; then whether the one is in the other is the question. */
const requireBoth = ({ group, user }: Membership, params: InMembership['params']): void => {
  present(group, params.group_id);
  found(user, 'user', params.user_id);
};

/** https://docs.openstack.org/api-ref/identity/v3/#groups */
export const groupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/groups',
    policy: 'identity:list_groups',
    query: listGroupsQuery,
    status: 200,
    target: (_, { auth }) => (auth.domainId ? { 'target.group.domain_id': auth.domainId } : {}),
    handler: async ({ service, auth, query, request }) => {
      const page = pageOf(query);
      await requireMarker(page, (id) => service.groups.find(id));
      const elsewhere = auth.domainId && query.domain_id && query.domain_id !== auth.domainId;
      const domainId = auth.domainId ?? (query.domain_id as string | undefined);
      const groups = elsewhere
        ? []
        : await service.groups.list(
            {
              ...(domainId !== undefined && { domainId }),
              ...(query.name !== undefined && { name: query.name as string }),
              matches: textMatches(query, ['name']),
            },
            page,
          );
      return collection(
        'groups',
        groups.map((group) => viewGroup(group, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/groups',
    policy: 'identity:create_group',
    body: createGroupBody,
    status: 201,
    target: (_, { auth }) => (auth.domainId ? { 'target.group.domain_id': auth.domainId } : {}),
    handler: async (call) => {
      const { service, auth, body, request } = call;
      const domainId = domainFor(body.group.domain_id, auth);
      call.enforce('identity:create_group', { 'target.group.domain_id': domainId });
      return { group: viewGroup(await createGroup(service, domainId, body.group), request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/groups/{group_id}',
    policy: 'identity:get_group',
    status: 200,
    load: findGroup,
    target: groupTarget,
    handler: ({ resource, params, request }) => ({
      group: viewGroup(present(resource, params.group_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/groups/{group_id}',
    policy: 'identity:update_group',
    body: updateGroupBody,
    status: 200,
    load: findGroup,
    target: groupTarget,
    handler: async ({ service, resource, params, body, request }) => {
      const group = await updateGroup(service, present(resource, params.group_id), body.group);
      return { group: viewGroup(group, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/groups/{group_id}',
    policy: 'identity:delete_group',
    status: 204,
    load: findGroup,
    target: groupTarget,
    handler: async ({ service, resource, params }) => {
      const { id } = present(resource, params.group_id);
      await service.changes.apply((trx) => removeGroups(service, trx, [id]));
    },
  }),

  endpoint({
    method: 'GET',
    path: '/groups/{group_id}/users',
    policy: 'identity:list_users_in_group',
    query: listGroupUsersQuery,
    status: 200,
    load: findGroup,
    target: groupTarget,
    handler: async ({ service, auth, resource, params, query, request }) => {
      const group = present(resource, params.group_id);
      const elsewhere = auth.domainId && query.domain_id && query.domain_id !== auth.domainId;
      const domainId = auth.domainId ?? (query.domain_id as string | undefined);
      if (query.password_expires_at !== undefined) checkExpiryFilter(query.password_expires_at as string);
      const users = await service.users.list({
        groupId: group.id,
        ...(domainId !== undefined && { domainId }),
        ...(query.name !== undefined && { name: query.name as string }),
        ...(query.enabled !== undefined && { enabled: isTrue(query.enabled as string) }),
        matches: textMatches(query, ['name']),
      });
      // no password expires, so that filter leaves nobody
      const shown = elsewhere || query.password_expires_at !== undefined ? [] : users;
      return collection(
        'users',
        shown.map((user) => viewUser(user, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/groups/{group_id}/users/{user_id}',
    policy: 'identity:check_user_in_group',
    status: 204,
    load: findMembership,
    target: membershipTarget,
    handler: async ({ service, resource, params }) => {
      requireBoth(resource, params);
      if (!(await service.groups.hasMember(params.group_id, params.user_id))) throw notMember(params);
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/groups/{group_id}/users/{user_id}',
    policy: 'identity:add_user_to_group',
    status: 204,
    load: findMembership,
    target: membershipTarget,
    handler: async ({ service, resource, params }) => {
      requireBoth(resource, params);
      const { group_id: group, user_id: user } = params;
      await refuseDangling(
        service.changes.apply((trx) => service.groups.addMember(trx, group, user)),
        () => missing('user', user),
      );
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/groups/{group_id}/users/{user_id}',
    policy: 'identity:remove_user_from_group',
    status: 204,
    load: findMembership,
    target: membershipTarget,
    handler: async ({ service, resource, params }) => {
      requireBoth(resource, params);
      const { group_id: group, user_id: user } = params;
      if (!(await service.groups.hasMember(group, user))) throw notMember(params);
      await service.changes.apply(async (trx) => {
        await service.groups.removeMember(trx, group, user);
        await service.revocations.revokeUsers(trx, [user]);
      });
    },
  }),
];

const notMember = ({ group_id: group, user_id: user }: InMembership['params']) =>
  notFound(`User '${user}' not found in group '${group}'`);
