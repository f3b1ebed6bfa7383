import { bit } from '#kit/db/columns.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { Created } from '../resource/attribute.ts';
import { creating, deleting, listing, loading, showing } from '../resource/handlers.ts';
import { noQuery } from '../resource/query.ts';
import { checkedRule, fingerprint } from '../security-group-rules/match.ts';
import type { Network } from '../service.ts';
import type { Work } from '../work.ts';
import { defaultRuleExists } from './errors.ts';
import { defaultRules } from './noun.ts';
import type { defaultRuleAttributes } from './schema.ts';
import { deleteDefaultRule, insertDefaultRule, listDefaultRules } from './store.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#security-group-default-rules-security-group-default-rules */
export const defaultRuleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/default-security-group-rules',
    policy: null,
    status: 200,
    handler: listing(defaultRules),
  }),
  endpoint({
    method: 'POST',
    path: '/default-security-group-rules',
    policy: 'create_default_security_group_rule',
    body: 'json',
    status: 201,
    handler: creating(defaultRules, createDefaultRule),
  }),
  endpoint({
    method: 'GET',
    path: '/default-security-group-rules/{id}',
    policy: 'get_default_security_group_rule',
    load: loading(defaultRules),
    status: 200,
    handler: showing(defaultRules),
  }),
  endpoint({
    method: 'DELETE',
    path: '/default-security-group-rules/{id}',
    policy: 'delete_default_security_group_rule',
    load: loading(defaultRules),
    status: 204,
    handler: deleting(defaultRules, (work, rule) => deleteDefaultRule(work.db, rule.id)),
  }),
];

async function createDefaultRule(work: Work, given: Created<typeof defaultRuleAttributes>): Promise<string> {
  const {
    project_id: _,
    description,
    used_in_default_sg: inDefault,
    used_in_non_default_sg: inOthers,
    ...match
  } = given;
  const rule = checkedRule(match);
  // the same rule may stand once for default groups and once for others
  const same = (await listDefaultRules(work.db, noQuery)).find(
    (other) =>
      fingerprint(other) === fingerprint(rule) &&
      ((inDefault && other.used_in_default_sg === 1) || (inOthers && other.used_in_non_default_sg === 1)),
  );
  if (same) throw defaultRuleExists(same.id);
  const id = newUuid();
  await insertDefaultRule(work.db, {
    ...rule,
    id,
    description,
    used_in_default_sg: bit(inDefault),
    used_in_non_default_sg: bit(inOthers),
  });
  return id;
}
