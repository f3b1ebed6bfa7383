import { badRequest, conflict, forbidden, messageOf, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { nextLink } from '../links.ts';
import { pageOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { certificateFingerprint, generateCertificate } from './certificate.ts';
import { createKeypairBody, keypairQuery, listKeypairsQuery } from './schema.ts';
import { fingerprintOf, generateSshKey } from './ssh-key.ts';
import type { Keypair } from './store.ts';
import { viewKeypair, viewKeypairBriefly, viewNewKeypair } from './view.ts';

const endpoint = endpointOf<Compute>();
type AnyCall = Call<Compute, unknown, unknown, unknown>;

/** https://docs.openstack.org/api-ref/compute/#keypairs-keypairs */
export const keypairEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-keypairs',
    policy: 'os_compute_api:os-keypairs:index',
    query: listKeypairsQuery,
    status: 200,
    target: (_, call) => ({ user_id: userOf(call as AnyCall) }),
    handler: async (call) => {
      const { service } = call;
      const userId = userOf(call);
      if (!call.atLeast('2.35')) return viewList(call, await service.keypairs.list(userId));
      const page = pageOf(call.query, service.parts.options.max_limit);
      if (page.marker !== undefined && !(await service.keypairs.find(userId, page.marker))) {
        throw badRequest(`Marker ${page.marker} could not be found.`);
      }
      const keypairs = await service.keypairs.list(userId, {
        limit: page.limit,
        ...(page.marker !== undefined && { after: page.marker }),
      });
      const names = keypairs.map((k) => k.name);
      const next = nextLink(call.request, 'os-keypairs', page, names);
      return { ...viewList(call, keypairs), ...(next && { keypairs_links: next }) };
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-keypairs',
    policy: 'os_compute_api:os-keypairs:create',
    body: createKeypairBody,
    status: 200,
    handler: async (call) => {
      const { service, body, auth } = call;
      const { name, type = 'ssh', public_key: given, user_id: userId = auth.userId } = body.keypair;
      call.enforce('os_compute_api:os-keypairs:create', { user_id: userId });
      const made = given === undefined ? await generateKey(type, userId) : importKey(type, given);
      const limits = await service.quotas.limitsOf(auth.projectId ?? '', userId);
      const keypair = await service.keypairs.insert(
        {
          userId,
          name: name!,
          type,
          publicKey: made.publicKey,
          fingerprint: made.fingerprint,
          createdAt: service.parts.clock.now(),
        },
        limits.key_pairs,
      );
      if (keypair === 'duplicate') throw conflict(`Key pair '${name}' already exists.`);
      if (keypair === 'over quota') throw forbidden('Quota exceeded, too many key pairs.');
      return reply(
        { keypair: viewNewKeypair(keypair, made.privateKey, call) },
        { status: call.atLeast('2.2') ? 201 : 200 },
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-keypairs/{name}',
    policy: 'os_compute_api:os-keypairs:show',
    query: keypairQuery,
    status: 200,
    target: (_, call) => ({ user_id: userOf(call as AnyCall) }),
    handler: async (call) => {
      const userId = userOf(call);
      const keypair = await call.service.keypairs.find(userId, call.params.name);
      if (!keypair) throw keypairNotFound(userId, call.params.name);
      return { keypair: viewKeypair(keypair, call) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-keypairs/{name}',
    policy: 'os_compute_api:os-keypairs:delete',
    query: keypairQuery,
    status: 202,
    target: (_, call) => ({ user_id: userOf(call as AnyCall) }),
    handler: async (call) => {
      const userId = userOf(call);
      if (!(await call.service.keypairs.remove(userId, call.params.name))) {
        throw keypairNotFound(userId, call.params.name);
      }
      return reply(undefined, { status: call.atLeast('2.2') ? 204 : 202 });
    },
  }),
];

/** Whose key pairs the request is about: since 2.10 an administrator may name another user. */
function userOf(call: AnyCall): string {
  const asked = call.atLeast('2.10') ? call.query.user_id : undefined;
  // of several the first counts here, unlike elsewhere
  return (Array.isArray(asked) ? asked[0] : asked) || call.auth.userId;
}

const viewList = (call: AnyCall, keypairs: readonly Keypair[]) => ({
  keypairs: keypairs.map((k) => ({ keypair: viewKeypairBriefly(k, call) })),
});

interface KeyMaterial {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly privateKey?: string;
}

function importKey(type: Keypair['type'], publicKey: string): KeyMaterial {
  try {
    const fingerprint = type === 'ssh' ? fingerprintOf(publicKey) : certificateFingerprint(publicKey);
    return { publicKey, fingerprint };
  } catch (error) {
    throw invalidKey(
      type === 'ssh'
        ? 'failed to generate fingerprint'
        : `failed to generate X509 fingerprint. Error message: ${messageOf(error)}`,
      error,
    );
  }
}

/** Until 2.91 a key is made for whoever does not bring one. */
async function generateKey(type: Keypair['type'], userId: string): Promise<KeyMaterial> {
  if (type === 'ssh') {
    const { privateKey, publicKey } = await generateSshKey();
    return { publicKey, privateKey, fingerprint: fingerprintOf(publicKey) };
  }
  const { privateKey, certificate } = await generateCertificate(userId);
  return { publicKey: certificate, privateKey, fingerprint: certificateFingerprint(certificate) };
}

const invalidKey = (reason: string, cause: unknown) =>
  badRequest(`Keypair data is invalid: ${reason}`, undefined, cause);

const keypairNotFound = (userId: string, name: string) =>
  notFound(`Keypair ${name} not found for user ${userId}`);
