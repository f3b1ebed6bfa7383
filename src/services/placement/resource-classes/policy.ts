import { adminRule } from '../policy.ts';

/** placement/policies/resource_class.py */
export const resourceClassPolicies = [
  adminRule('placement:resource_classes:list', 'List resource classes.'),
  adminRule('placement:resource_classes:create', 'Create resource class.'),
  adminRule('placement:resource_classes:show', 'Show resource class.'),
  adminRule('placement:resource_classes:update', 'Update resource class.'),
  adminRule('placement:resource_classes:delete', 'Delete resource class.'),
];
