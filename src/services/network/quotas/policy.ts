import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrManager } from '../policy.ts';

/** neutron/conf/policies/quotas.py. Not asked of who looks at the quotas of their own project: everyone may. */
export const quotaPolicies = [
  rule('get_quota', adminOrManager, 'Show the quotas of a project other than the own.', ['project']),
  rule('update_quota', adminOnly, 'Update the quotas of a project.', ['project']),
  rule('delete_quota', adminOnly, 'Take the quotas of a project back to the defaults.', ['project']),
];
