import Type from 'typebox';

import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import {
  ec2,
  idOfAccessKey,
  insertCredential,
  refuseRestricted,
  withinProject,
} from '../credentials/operations.ts';
import type { Credential } from '../credentials/store.ts';
import { forbiddenAction, found, missing, notAuthenticated } from '../errors.ts';
import { collection } from '../listing.ts';
import { requireProject } from '../projects/operations.ts';
import type { Identity } from '../service.ts';
import type { Token } from '../tokens/token.ts';
import { viewEc2Credential } from './view.ts';

const endpoint = endpointOf<Identity>();

type InUser = Call<Identity, { user_id: string }>;
type InCredential = Call<Identity, { user_id: string; credential_id: string }>;

const createBody = Type.Object({ tenant_id: Type.String() });

/** The path names an EC2 credential by its access key. */
async function loadCredential({ service, params }: InCredential): Promise<Credential> {
  const credential = await service.credentials.find(idOfAccessKey(params.credential_id));
  return found(credential, 'credential', idOfAccessKey(params.credential_id));
}

const ofOwner = ({ userId }: Credential) => ({ 'target.credential.user_id': userId });

/** https://docs.openstack.org/api-ref/identity/v3-ext/#os-ec2-api */
export const ec2CredentialEndpoints = [
  endpoint({
    method: 'GET',
    path: '/users/{user_id}/credentials/OS-EC2',
    policy: 'identity:ec2_list_credentials',
    status: 200,
    target: (_, { params }: InUser) => ({ user_id: params.user_id }),
    handler: async ({ service, auth, params, request }) => {
      await requireUser(service, params.user_id);
      const token = await service.tokens.validate(auth.token);
      const credentials = await service.credentials.list({ userId: params.user_id, type: ec2 });
      return collection(
        'credentials',
        credentials
          .filter((credential) => withinProject(token, credential.projectId))
          .map((credential) => viewEc2Credential(credential, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/users/{user_id}/credentials/OS-EC2',
    policy: 'identity:ec2_create_credential',
    body: createBody,
    status: 201,
    target: (_, { params }: InUser) => ({ 'target.credential.user_id': params.user_id }),
    handler: async ({ service, auth, params, body, request }) => {
      const token = await service.tokens.validate(auth.token);
      refuseRestricted(token);
      await requireUser(service, params.user_id);
      const { id: projectId } = await requireProject(service, body.tenant_id);
      refuseElsewhere(token, projectId);
      const access = newHexId();
      const blob = { access, secret: newHexId(), trust_id: token.trust?.id ?? null };
      const bound = token.applicationCredential && { app_cred_id: token.applicationCredential.id };
      const credential: Credential = {
        id: idOfAccessKey(access),
        userId: params.user_id,
        projectId,
        type: ec2,
        blob: JSON.stringify({ ...blob, ...bound }),
        extra: {},
      };
      await insertCredential(service, credential);
      return { credential: viewEc2Credential(credential, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/credentials/OS-EC2/{credential_id}',
    policy: 'identity:ec2_get_credential',
    status: 200,
    load: loadCredential,
    target: ofOwner,
    handler: async (call) => {
      await requireUsable(call, call.resource);
      return { credential: viewEc2Credential(call.resource, call.request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/users/{user_id}/credentials/OS-EC2/{credential_id}',
    policy: 'identity:ec2_delete_credential',
    status: 204,
    load: loadCredential,
    target: ofOwner,
    handler: async (call) => {
      await requireUsable(call, call.resource);
      const { service, resource } = call;
      await service.changes.apply((trx) => service.credentials.remove(trx, resource.id));
    },
  }),
];

async function requireUsable(
  { service, auth, params }: Pick<InCredential, 'service' | 'auth' | 'params'>,
  credential: Credential,
): Promise<void> {
  await requireUser(service, params.user_id);
  if (credential.type !== ec2) throw notAuthenticated();
  if (credential.userId !== params.user_id) throw missing('credential', credential.id);
  refuseElsewhere(await service.tokens.validate(auth.token), credential.projectId);
}

async function requireUser({ users }: Identity, id: string): Promise<void> {
  if (!(await users.find(id))) throw missing('user', id);
}

function refuseElsewhere(token: Token, projectId: string | null): void {
  if (withinProject(token, projectId)) return;
  throw forbiddenAction('EC2 credential project does not match the project scope of the delegated token');
}
