import { rule } from '#kit/auth/policy.ts';

import { adminOrProjectReaderOrService, adminRule } from '../policy.ts';

/** placement/policies/usage.py */
export const usagePolicies = [
  adminRule('placement:resource_providers:usages', 'List resource provider usages.'),
  // readers see the usage of their own project only
  rule('placement:usages', adminOrProjectReaderOrService, 'List total resource usages for a given project.', [
    'project',
  ]),
];
