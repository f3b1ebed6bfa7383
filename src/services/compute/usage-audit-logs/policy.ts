import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

const guards = (name: string, description: string) =>
  rule(`os_compute_api:os-instance-usage-audit-log:${name}`, admin, description, ['project']);

/** nova/policies/instance_usage_audit_log.py */
export const usageAuditLogPolicies = [
  guards('list', 'See which hosts audited usage last month.'),
  guards('show', 'See which hosts audited usage in the month before a moment.'),
];
