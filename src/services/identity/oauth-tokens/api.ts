import { forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { missing, notAuthenticated } from '../errors.ts';
import { collection } from '../listing.ts';
import type { Identity } from '../service.ts';
import { askForAccess, grantAccess, takeAccess } from './handshake.ts';
import { authorizeBody } from './schema.ts';
import type { AccessToken } from './store.ts';
import { viewAccessToken, viewGrantedRole, viewSecrets } from './view.ts';

const endpoint = endpointOf<Identity>();

type InAccess = Call<Identity, { user_id: string; access_token_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findAccess = ({ service, params }: InAccess) => service.oauthTokens.findAccess(params.access_token_id);

/** https://docs.openstack.org/api-ref/identity/v3-ext/#os-oauth1 */
export const oauthTokenEndpoints = [
  endpoint({
    method: 'POST',
    path: '/OS-OAUTH1/request_token',
    auth: 'none',
    policy: null,
    status: 201,
    handler: async ({ service, request }) => viewSecrets(await askForAccess(service, request)),
  }),

  endpoint({
    method: 'PUT',
    path: '/OS-OAUTH1/authorize/{request_token_id}',
    policy: 'identity:authorize_request_token',
    body: authorizeBody,
    status: 200,
    handler: async (call) => {
      const { service, auth, params, body } = call;
      await refuseDelegated(call);
      const { roles = [] } = body;
      return {
        token: { oauth_verifier: await grantAccess(service, auth.userId, params.request_token_id, roles) },
      };
    },
  }),

  endpoint({
    method: 'POST',
    path: '/OS-OAUTH1/access_token',
    auth: 'none',
    policy: null,
    status: 201,
    handler: async ({ service, request }) => viewSecrets(await takeAccess(service, request)),
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/OS-OAUTH1/access_tokens',
    policy: 'identity:list_access_tokens',
    status: 200,
    handler: async (call) => {
      await refuseDelegated(call);
      const { service, params, request } = call;
      const tokens = await service.oauthTokens.accessOf(params.user_id);
      return collection(
        'access_tokens',
        tokens.map((token) => viewAccessToken(token, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}',
    policy: 'identity:get_access_token',
    status: 200,
    load: findAccess,
    handler: async (call) => {
      await refuseDelegated(call);
      return { access_token: viewAccessToken(ofUser(call.resource, call), call.request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}',
    policy: 'identity:delete_access_token',
    status: 204,
    load: findAccess,
    handler: async (call) => {
      await refuseDelegated(call);
      const { service, resource, params } = call;
      const { id, userId } = present(resource);
      if (userId !== params.user_id) throw notAuthenticated();
      await service.changes.apply((trx) => service.oauthTokens.removeAccess(trx, id));
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles',
    policy: 'identity:list_access_token_roles',
    status: 200,
    load: findAccess,
    handler: async (call) => {
      const { roleIds } = ofUser(call.resource, call);
      const graph = await call.service.roleGraph.get();
      const roles = roleIds.flatMap((id) => graph.role(id) ?? []);
      return collection(
        'roles',
        roles.map((role) => viewGrantedRole(role, call.request.origin)),
        call.request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}',
    policy: 'identity:get_access_token_role',
    status: 200,
    load: findAccess,
    handler: async (call) => {
      const { roleIds, userId } = present(call.resource);
      // elsewhere Keystone does not find it
      if (userId !== call.params.user_id) throw notAuthenticated();
      const role = (await call.service.roleGraph.get()).role(call.params.role_id);
      if (!role || !roleIds.includes(role.id)) throw missing('role', call.params.role_id);
      return { role: viewGrantedRole(role, call.request.origin) };
    },
  }),
];

function present(token: AccessToken | undefined): AccessToken {
  if (!token) throw notFound('Access token not found');
  return token;
}

function ofUser(token: AccessToken | undefined, { params }: Pick<InAccess, 'params'>): AccessToken {
  const found = present(token);
  if (found.userId !== params.user_id) throw notFound('Could not find resource.');
  return found;
}

/** Whoever acts for another, or by an application credential, hands nothing on. */
async function refuseDelegated({ service, auth }: Pick<Call<Identity>, 'service' | 'auth'>): Promise<void> {
  const token = await service.tokens.validate(auth.token);
  if (token.trust || token.oauth || token.applicationCredential)
    throw forbidden('You are not authorized to perform the requested action.');
}
