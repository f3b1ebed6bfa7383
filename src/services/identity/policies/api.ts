import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { found } from '../errors.ts';
import { normalized } from '../fields.ts';
import { collection, pageOf, textMatches } from '../listing.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { createPolicyBody, listPoliciesQuery, updatePolicyBody } from './schema.ts';
import type { PolicyDocument } from './store.ts';
import { viewPolicy } from './view.ts';

const endpoint = endpointOf<Identity>();

type InPolicy = Call<Identity, { policy_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findPolicy = ({ service, params }: InPolicy) => service.policies.find(params.policy_id);

/** https://docs.openstack.org/api-ref/identity/v3/#policies */
export const policyEndpoints = [
  endpoint({
    method: 'GET',
    path: '/policies',
    policy: 'identity:list_policies',
    query: listPoliciesQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const page = pageOf(query);
      const policies = await service.policies.list(
        {
          ...(query.type !== undefined && { type: query.type as string }),
          matches: textMatches(query, ['type']),
        },
        page,
      );
      return collection(
        'policies',
        policies.map((policy) => viewPolicy(policy, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/policies',
    policy: 'identity:create_policy',
    body: createPolicyBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const { id: _, type, blob, ...extra } = body.policy as PolicyFields;
      const policy: PolicyDocument = { id: newHexId(), type: type!, blob: blob!, extra: normalized(extra) };
      await service.changes.apply((trx) => service.policies.insert(trx, policy));
      return { policy: viewPolicy(policy, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/policies/{policy_id}',
    policy: 'identity:get_policy',
    status: 200,
    load: findPolicy,
    handler: ({ resource, params, request }) => ({
      policy: viewPolicy(found(resource, 'policy', params.policy_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/policies/{policy_id}',
    policy: 'identity:update_policy',
    body: updatePolicyBody,
    status: 200,
    load: findPolicy,
    handler: async ({ service, resource, params, body, request }) => {
      const old = found(resource, 'policy', params.policy_id);
      const { id, type, blob, ...extra } = body.policy as PolicyFields;
      refuseOtherId(id, old.id, () => badRequest('Cannot change policy ID'));
      const policy: PolicyDocument = {
        id: old.id,
        type: type ?? old.type,
        blob: blob ?? old.blob,
        extra: { ...old.extra, ...extra },
      };
      await service.changes.apply((trx) => service.policies.update(trx, policy));
      return { policy: viewPolicy(policy, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/policies/{policy_id}',
    policy: 'identity:delete_policy',
    status: 204,
    load: findPolicy,
    handler: async ({ service, resource, params }) => {
      const { id } = found(resource, 'policy', params.policy_id);
      await service.changes.apply((trx) => service.policies.remove(trx, id));
    },
  }),
];

type PolicyFields = { readonly id?: unknown; readonly type?: string; readonly blob?: string } & Readonly<
  Record<string, unknown>
>;
