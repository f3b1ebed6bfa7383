import { rule } from '#kit/auth/policy.ts';

import { admin, anyone, projectReaderOrAdmin } from '../policy.ts';

const sets = 'os_compute_api:os-quota-sets';
const classes = 'os_compute_api:os-quota-class-sets';

/** nova/policies/quota_sets.py */
export const quotaPolicies = [
  rule(`${sets}:update`, admin, 'Set quotas.', ['project']),
  rule(`${sets}:defaults`, anyone, 'List default quotas.', ['project']),
  rule(`${sets}:show`, projectReaderOrAdmin, 'Show quotas.', ['project']),
  rule(`${sets}:delete`, admin, 'Revert quotas to the defaults.', ['project']),
  rule(`${sets}:detail`, projectReaderOrAdmin, 'Show quotas and what is used of them.', ['project']),
];

/** nova/policies/quota_class_sets.py */
export const quotaClassPolicies = [
  rule(`${classes}:show`, admin, 'Show the quotas of a class.', ['project']),
  rule(`${classes}:update`, admin, 'Set the quotas of a class.', ['project']),
];
