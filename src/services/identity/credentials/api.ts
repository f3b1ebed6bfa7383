import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { found, missing, refuseDangling } from '../errors.ts';
import { collection, pageOf } from '../listing.ts';
import type { Identity } from '../service.ts';
import { changedCredential, createCredential, refuseOtherProject, withinProject } from './operations.ts';
import { createCredentialBody, listCredentialsQuery, updateCredentialBody } from './schema.ts';
import type { Credential } from './store.ts';
import { viewCredential } from './view.ts';

const endpoint = endpointOf<Identity>();

type InCredential = Call<Identity, { credential_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findCredential = ({ service, params }: InCredential) => service.credentials.find(params.credential_id);

const credentialTarget = (credential: Credential | undefined) =>
  credential ? { 'target.credential.user_id': credential.userId } : {};

/** The credential, if the caller's token may have to do with it. */
async function present(
  { service, auth }: Pick<Call<Identity>, 'service' | 'auth'>,
  credential: Credential | undefined,
  id: string,
): Promise<Credential> {
  const there = found(credential, 'credential', id);
  refuseOtherProject(await service.tokens.validate(auth.token), there.projectId);
  return there;
}

/** https://docs.openstack.org/api-ref/identity/v3/#credentials */
export const credentialEndpoints = [
  endpoint({
    method: 'GET',
    path: '/credentials',
    policy: 'identity:list_credentials',
    query: listCredentialsQuery,
    status: 200,
    target: (_, { auth }) => (auth.system ? {} : { 'target.credential.user_id': auth.userId }),
    handler: async (call) => {
      const { service, auth, query, request } = call;
      const page = pageOf(query);
      const credentials = await service.credentials.list(
        {
          ...(query.user_id !== undefined && { userId: query.user_id as string }),
          ...(query.type !== undefined && { type: query.type as string }),
        },
        page,
      );
      const token = await service.tokens.validate(auth.token);
      const shown = credentials.filter(
        (credential) =>
          call.allows('identity:get_credential', credentialTarget(credential)) &&
          withinProject(token, credential.projectId),
      );
      return collection(
        'credentials',
        shown.map((credential) => viewCredential(credential, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/credentials',
    policy: 'identity:create_credential',
    body: createCredentialBody,
    status: 201,
    target: (_, { auth }) => ({ 'target.credential.user_id': auth.userId }),
    handler: async (call) => {
      const { service, auth, body, request } = call;
      call.enforce('identity:create_credential', {
        'target.credential.user_id': body.credential.user_id,
      });
      const token = await service.tokens.validate(auth.token);
      const credential = await createCredential(service, token, body.credential);
      return { credential: viewCredential(credential, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/credentials/{credential_id}',
    policy: 'identity:get_credential',
    status: 200,
    load: findCredential,
    target: credentialTarget,
    handler: async (call) => {
      const credential = await present(call, call.resource, call.params.credential_id);
      return { credential: viewCredential(credential, call.request.origin) };
    },
  }),

  endpoint({
    method: 'PATCH',
    path: '/credentials/{credential_id}',
    policy: 'identity:update_credential',
    body: updateCredentialBody,
    status: 200,
    load: findCredential,
    target: credentialTarget,
    handler: async (call) => {
      const { service, body, request } = call;
      const credential = await present(call, call.resource, call.params.credential_id);
      const updated = changedCredential(credential, body.credential);
      // nobody gives a credential to somebody it could not have been made for
      call.enforce('identity:update_credential', credentialTarget(updated));
      await refuseDangling(
        service.changes.apply((trx) => service.credentials.update(trx, updated)),
        () => missing('user', updated.userId),
      );
      return { credential: viewCredential(updated, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/credentials/{credential_id}',
    policy: 'identity:delete_credential',
    status: 204,
    load: findCredential,
    target: credentialTarget,
    handler: async (call) => {
      const { service } = call;
      const { id } = await present(call, call.resource, call.params.credential_id);
      await service.changes.apply((trx) => service.credentials.remove(trx, id));
    },
  }),
];
