import { forbidden } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { forbiddenAction, found } from '../errors.ts';
import { collection, pageOf } from '../listing.ts';
import type { Identity } from '../service.ts';
import type { Token } from '../tokens/token.ts';
import { createApplicationCredential } from './operations.ts';
import { createApplicationCredentialBody, listApplicationCredentialsQuery } from './schema.ts';
import type { ApplicationCredential } from './store.ts';
import { viewApplicationCredential } from './view.ts';

const endpoint = endpointOf<Identity>();

type InUser = Call<Identity, { user_id: string }>;
type InCredential = Call<Identity, { user_id: string; application_credential_id: string }>;

const ofUser = (_: unknown, { params }: InUser) => ({ user_id: params.user_id });

const findCredential = ({ service, params }: InCredential) =>
  service.applicationCredentials.find(params.application_credential_id);

// it is its own user who matters, not the one in the path
const ofOwner = (credential: ApplicationCredential | undefined, { params }: InCredential) => ({
  user_id: credential?.userId ?? params.user_id,
});

const present = (credential: ApplicationCredential | undefined, id: string): ApplicationCredential =>
  found(credential, 'Application Credential', id);

/** https://docs.openstack.org/api-ref/identity/v3/#application-credentials */
export const applicationCredentialEndpoints = [
  endpoint({
    method: 'GET',
    path: '/users/{user_id}/application_credentials',
    policy: 'identity:list_application_credentials',
    query: listApplicationCredentialsQuery,
    status: 200,
    target: ofUser,
    handler: async ({ service, auth, params, query, request }) => {
      refuseDelegated(await service.tokens.validate(auth.token));
      const page = pageOf(query);
      const credentials = await service.applicationCredentials.list(
        { userId: params.user_id, ...(query.name !== undefined && { name: query.name as string }) },
        page,
      );
      const graph = await service.roleGraph.get();
      return collection(
        'application_credentials',
        credentials.map((credential) => viewApplicationCredential(credential, graph, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/users/{user_id}/application_credentials',
    policy: 'identity:create_application_credential',
    body: createApplicationCredentialBody,
    status: 201,
    target: ofUser,
    handler: async ({ service, auth, params, body, request }) => {
      const token = await service.tokens.validate(auth.token);
      refuseDelegated(token);
      refuseRestricted(token);
      if (auth.userId !== params.user_id)
        throw forbiddenAction('Cannot create an application credential for another user.');
      const made = await createApplicationCredential(service, token, body.application_credential);
      const graph = await service.roleGraph.get();
      const view = viewApplicationCredential(made.credential, graph, request.origin);
      return { application_credential: { ...view, secret: made.secret } };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/application_credentials/{application_credential_id}',
    policy: 'identity:get_application_credential',
    status: 200,
    load: findCredential,
    target: ofOwner,
    handler: async ({ service, auth, resource, params, request }) => {
      refuseDelegated(await service.tokens.validate(auth.token));
      const credential = present(resource, params.application_credential_id);
      const graph = await service.roleGraph.get();
      return { application_credential: viewApplicationCredential(credential, graph, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/users/{user_id}/application_credentials/{application_credential_id}',
    policy: 'identity:delete_application_credential',
    status: 204,
    load: findCredential,
    target: ofOwner,
    handler: async ({ service, auth, resource, params }) => {
      const token = await service.tokens.validate(auth.token);
      refuseDelegated(token);
      refuseRestricted(token);
      const { id } = present(resource, params.application_credential_id);
      await service.changes.apply((trx) => service.applicationCredentials.remove(trx, id));
    },
  }),
];

/** Whoever was trusted with something was not given leave to make that last. */
export function refuseDelegated({ trust, oauth }: Token): void {
  if (trust || oauth) throw forbidden('You are not authorized to perform the requested action.');
}

/** An application credential may make and delete others only when it was made unrestricted. */
function refuseRestricted({ applicationCredential }: Token): void {
  if (!applicationCredential || applicationCredential.unrestricted) return;
  throw forbiddenAction(
    "Using method 'application_credential' is not allowed for managing additional application credentials.",
  );
}
