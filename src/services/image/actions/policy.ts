import { adminOrMember, projectRule } from '../policy.ts';

/** glance/policies/image.py */
export const actionPolicies = [
  projectRule('deactivate', adminOrMember, 'Deactivate image.'),
  projectRule('reactivate', adminOrMember, 'Reactivate image.'),
];
