import { adminRule } from '../policy.ts';

/** placement/policies/trait.py */
export const traitPolicies = [
  adminRule('placement:traits:list', 'List traits.'),
  adminRule('placement:traits:show', 'Show trait.'),
  adminRule('placement:traits:update', 'Update trait.'),
  adminRule('placement:traits:delete', 'Delete trait.'),
  adminRule('placement:resource_providers:traits:list', 'List resource provider traits.'),
  adminRule('placement:resource_providers:traits:update', 'Update resource provider traits.'),
  adminRule('placement:resource_providers:traits:delete', 'Delete resource provider traits.'),
];
