import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/** keystone/common/policies/consumer.py. Readers of the system may look, administrators do everything. */
export const oauthConsumerPolicies = [
  rule('identity:get_consumer', adminOrSystemReader, 'Show OAuth 1 consumer details.', systemOrProject),
  rule('identity:list_consumers', adminOrSystemReader, 'List OAuth 1 consumers.', systemOrProject),
  rule('identity:create_consumer', adminRequired, 'Create OAuth 1 consumer.', systemOrProject),
  rule('identity:update_consumer', adminRequired, 'Update OAuth 1 consumer.', systemOrProject),
  rule('identity:delete_consumer', adminRequired, 'Delete OAuth 1 consumer.', systemOrProject),
];
