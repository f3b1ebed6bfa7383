import { adminRule } from '../policy.ts';

/** placement/policies/resource_provider.py */
export const providerPolicies = [
  adminRule('placement:resource_providers:list', 'List resource providers.'),
  adminRule('placement:resource_providers:create', 'Create resource provider.'),
  adminRule('placement:resource_providers:show', 'Show resource provider.'),
  adminRule('placement:resource_providers:update', 'Update resource provider.'),
  adminRule('placement:resource_providers:delete', 'Delete resource provider.'),
];
