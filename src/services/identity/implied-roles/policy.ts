import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/**
 * keystone/common/policies/implied_role.py. Readers of the system may look. Only administrators make implications:
 * they widen what all who have the prior role may do.
 */
export const impliedRolePolicies = [
  rule(
    'identity:get_implied_role',
    adminOrSystemReader,
    'Get information about an association between two roles.',
    systemOrProject,
  ),
  rule(
    'identity:list_implied_roles',
    adminOrSystemReader,
    'List associations between two roles.',
    systemOrProject,
  ),
  rule(
    'identity:create_implied_role',
    adminRequired,
    'Create an association between two roles.',
    systemOrProject,
  ),
  rule(
    'identity:delete_implied_role',
    adminRequired,
    'Delete the association between two roles.',
    systemOrProject,
  ),
  rule(
    'identity:list_role_inference_rules',
    adminOrSystemReader,
    'List all associations between two roles.',
    systemOrProject,
  ),
  rule(
    'identity:check_implied_role',
    adminOrSystemReader,
    'Check an association between two roles.',
    systemOrProject,
  ),
];
