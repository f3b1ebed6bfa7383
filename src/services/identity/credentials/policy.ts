import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemReader } from '../policy.ts';

const owner = 'user_id:%(target.credential.user_id)s';
const readers = `(${adminRequired}) or ${systemReader} or ${owner}`;
const writers = `(${adminRequired}) or ${owner}`;

/** keystone/common/policies/credential.py. Whose they are, and administrators; readers of the system may look. */
export const credentialPolicies = [
  rule('identity:get_credential', readers, 'Show credentials details.', anyScope),
  rule('identity:list_credentials', readers, 'List credentials.', anyScope),
  rule('identity:create_credential', writers, 'Create credential.', anyScope),
  rule('identity:update_credential', writers, 'Update credential.', anyScope),
  rule('identity:delete_credential', writers, 'Delete credential.', anyScope),
];
