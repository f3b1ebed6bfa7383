import { adminRule } from '../policy.ts';

/** placement/policies/inventory.py */
export const inventoryPolicies = [
  adminRule('placement:resource_providers:inventories:list', 'List resource provider inventories.'),
  adminRule('placement:resource_providers:inventories:create', 'Create one resource provider inventory.'),
  adminRule('placement:resource_providers:inventories:show', 'Show resource provider inventory.'),
  adminRule('placement:resource_providers:inventories:update', 'Update resource provider inventory.'),
  adminRule('placement:resource_providers:inventories:delete', 'Delete resource provider inventory.'),
];
