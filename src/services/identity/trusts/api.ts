import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { forbiddenAction, missing } from '../errors.ts';
import { collection } from '../listing.ts';
import { viewRole } from '../roles/view.ts';
import type { Identity } from '../service.ts';
import { createTrust, requireTrust } from './operations.ts';
import { createTrustBody, listTrustsQuery } from './schema.ts';
import type { Trust } from './store.ts';
import { viewRolesLinks, viewTrust, viewTrustBriefly, viewTrustRoles } from './view.ts';

const endpoint = endpointOf<Identity>();

type InTrust = Call<Identity, { trust_id: string }>;

const loadTrust = ({ service, params }: InTrust): Promise<Trust> => requireTrust(service, params.trust_id);

const trustTarget = ({ trustorId, trusteeId }: Trust) => ({
  'target.trust.trustor_user_id': trustorId,
  'target.trust.trustee_user_id': trusteeId,
});

/** https://docs.openstack.org/api-ref/identity/v3-ext/#os-trust-api */
export const trustEndpoints = [
  endpoint({
    method: 'GET',
    path: '/OS-TRUST/trusts',
    // of three rules this is the one that lets most in; the others are checked when they apply
    policy: 'identity:list_trusts_for_trustor',
    query: listTrustsQuery,
    status: 200,
    target: (_, { query }) => {
      const whose = query.trustor_user_id || query.trustee_user_id;
      return whose ? { 'target.trust.trustor_user_id': whose } : {};
    },
    handler: async (call) => {
      const { service, query, request } = call;
      refuseApplicationCredential(call);
      const trustorId = (query.trustor_user_id as string | undefined) || undefined;
      const trusteeId = (query.trustee_user_id as string | undefined) || undefined;
      if (!trustorId && trusteeId)
        call.enforce('identity:list_trusts_for_trustee', { 'target.trust.trustee_user_id': trusteeId });
      else if (!trustorId) call.enforce('identity:list_trusts', {});
      const filter = trustorId ? { trustorId } : trusteeId ? { trusteeId } : undefined;
      // Keystone lists all only where nothing at all is asked for, and none for what it does not know
      const none = filter === undefined && Object.keys(query).length > 0;
      const trusts = none ? [] : await service.trusts.list(filter ?? {});
      return collection(
        'trusts',
        trusts.map((trust) => viewTrustBriefly(trust, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/OS-TRUST/trusts',
    policy: 'identity:create_trust',
    body: createTrustBody,
    status: 201,
    target: (_, { auth }) => ({ 'target.trust.trustor_user_id': auth.userId }),
    handler: async (call) => {
      const { service, auth, body, request } = call;
      call.enforce('identity:create_trust', {
        'target.trust.trustor_user_id': body.trust.trustor_user_id,
      });
      refuseApplicationCredential(call);
      if (auth.userId !== body.trust.trustor_user_id)
        throw forbiddenAction('The authenticated user should match the trustor');
      const { trust: parent, oauth } = await service.tokens.validate(auth.token);
      if (oauth) throw forbiddenAction('Redelegation allowed for delegated by trust only');
      const trust = await createTrust(service, body.trust, parent?.id);
      return { trust: viewTrust(trust, await service.roleGraph.get(), request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/OS-TRUST/trusts/{trust_id}',
    policy: 'identity:get_trust',
    status: 200,
    load: loadTrust,
    target: trustTarget,
    handler: async (call) => {
      refuseApplicationCredential(call);
      const graph = await call.service.roleGraph.get();
      return { trust: viewTrust(call.resource, graph, call.request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/OS-TRUST/trusts/{trust_id}',
    policy: 'identity:delete_trust',
    status: 204,
    load: loadTrust,
    target: trustTarget,
    handler: async (call) => {
      refuseApplicationCredential(call);
      const { service, resource } = call;
      await service.changes.apply((trx) => service.trusts.remove(trx, resource.id));
    },
  }),

  endpoint({
    method: 'GET',
    path: '/OS-TRUST/trusts/{trust_id}/roles',
    policy: 'identity:list_roles_for_trust',
    status: 200,
    load: loadTrust,
    target: trustTarget,
    handler: async (call) => {
      refuseApplicationCredential(call);
      const { service, resource, request } = call;
      return {
        roles: viewTrustRoles(resource, await service.roleGraph.get(), request.origin),
        links: viewRolesLinks(resource, request.origin),
      };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/OS-TRUST/trusts/{trust_id}/roles/{role_id}',
    policy: 'identity:get_role_for_trust',
    status: 200,
    load: loadTrust,
    target: trustTarget,
    handler: async (call) => {
      refuseApplicationCredential(call);
      const { service, resource, params, request } = call;
      const role = (await service.roleGraph.get()).role(params.role_id);
      if (!role || !resource.roleIds.includes(role.id)) throw missing('role', params.role_id);
      return { role: viewRole(role, request.origin) };
    },
  }),
];

/** Whoever got an application credential was not given leave to hand things on. */
function refuseApplicationCredential({ auth }: Pick<Call<Identity>, 'auth'>): void {
  if (!auth.methods.includes('application_credential')) return;
  throw forbiddenAction("Using method 'application_credential' is not allowed for managing trusts.");
}
