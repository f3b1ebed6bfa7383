import { adminRule } from '../policy.ts';

/** placement/policies/allocation.py */
export const allocationPolicies = [
  adminRule('placement:allocations:manage', 'Manage allocations.'),
  adminRule('placement:allocations:list', 'List allocations.'),
  adminRule('placement:allocations:update', 'Update allocations.'),
  adminRule('placement:allocations:delete', 'Delete allocations.'),
  adminRule('placement:resource_providers:allocations:list', 'List resource provider allocations.'),
];
