import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/** keystone/common/policies/service.py. Readers of the system may look, administrators do everything. */
export const servicePolicies = [
  rule('identity:get_service', adminOrSystemReader, 'Show service details.', systemOrProject),
  rule('identity:list_services', adminOrSystemReader, 'List services.', systemOrProject),
  rule('identity:create_service', adminRequired, 'Create service.', systemOrProject),
  rule('identity:update_service', adminRequired, 'Update service.', systemOrProject),
  rule('identity:delete_service', adminRequired, 'Delete service.', systemOrProject),
];
