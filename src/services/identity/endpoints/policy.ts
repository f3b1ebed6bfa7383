import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/** keystone/common/policies/endpoint.py. Readers of the system may look, administrators do everything. */
export const endpointPolicies = [
  rule('identity:get_endpoint', adminOrSystemReader, 'Show endpoint details.', systemOrProject),
  rule('identity:list_endpoints', adminOrSystemReader, 'List endpoints.', systemOrProject),
  rule('identity:create_endpoint', adminRequired, 'Create endpoint.', systemOrProject),
  rule('identity:update_endpoint', adminRequired, 'Update endpoint.', systemOrProject),
  rule('identity:delete_endpoint', adminRequired, 'Delete endpoint.', systemOrProject),
];
