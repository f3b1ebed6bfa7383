import { forbidden } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { refuseDelegated } from '../application-credentials/api.ts';
import { missing, refuseDangling } from '../errors.ts';
import { collection } from '../listing.ts';
import type { Identity } from '../service.ts';
import type { AccessRule } from './store.ts';
import { viewAccessRule } from './view.ts';

const endpoint = endpointOf<Identity>();

type InUser = Call<Identity, { user_id: string }>;
type InRule = Call<Identity, { user_id: string; access_rule_id: string }>;

// a user who does not exist owns nothing, so that only an administrator of the system gets past policy
const userTarget = (_: unknown, { params }: InUser) => ({ 'target.user.id': params.user_id });

/** A rule of the user in the path; another's counts as none. */
async function requireRule({ service, params }: Pick<InRule, 'service' | 'params'>): Promise<AccessRule> {
  const rule = await service.accessRules.find(params.access_rule_id);
  if (rule?.userId !== params.user_id) throw missing('Access Rule', params.access_rule_id);
  return rule;
}

/** https://docs.openstack.org/api-ref/identity/v3/#application-credentials */
export const accessRuleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/users/{user_id}/access_rules',
    policy: 'identity:list_access_rules',
    status: 200,
    target: userTarget,
    handler: async ({ service, auth, params, query, request }) => {
      refuseDelegated(await service.tokens.validate(auth.token));
      const filter = Object.fromEntries(
        (['service', 'path', 'method'] as const).flatMap((name) =>
          typeof query[name] === 'string' ? [[name, query[name]]] : [],
        ),
      );
      const rules = await service.accessRules.list(params.user_id, filter);
      return collection(
        'access_rules',
        rules.map((rule) => viewAccessRule(rule, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: '/users/{user_id}/access_rules/{access_rule_id}',
    policy: 'identity:get_access_rule',
    status: 200,
    target: userTarget,
    handler: async (call) => {
      refuseDelegated(await call.service.tokens.validate(call.auth.token));
      return { access_rule: viewAccessRule(await requireRule(call), call.request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/users/{user_id}/access_rules/{access_rule_id}',
    policy: 'identity:delete_access_rule',
    status: 204,
    target: userTarget,
    handler: async (call) => {
      refuseDelegated(await call.service.tokens.validate(call.auth.token));
      const { id } = await requireRule(call);
      const { changes, accessRules } = call.service;
      await refuseDangling(
        changes.apply((trx) => accessRules.remove(trx, id)),
        () => forbidden('May not delete access rule in use'),
      );
    },
  }),
];
