import { adminRule } from '../policy.ts';

/** placement/policies/aggregate.py */
export const aggregatePolicies = [
  adminRule('placement:resource_providers:aggregates:list', 'List resource provider aggregates.'),
  adminRule('placement:resource_providers:aggregates:update', 'Update resource provider aggregates.'),
];
