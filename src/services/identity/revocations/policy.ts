import { rule } from '#kit/auth/policy.ts';

import { systemOrProject } from '../policy.ts';

/**
 * keystone/common/policies/revoke_event.py. Besides administrators the services, which may judge tokens by
 * themselves.
 */
export const revocationPolicies = [
  rule('identity:list_revoke_events', 'rule:service_or_admin', 'List revocation events.', systemOrProject),
];
