import { rule } from '#kit/auth/policy.ts';

import { adminRequired, systemOrProject, systemReader } from '../policy.ts';

const readers = `(${adminRequired}) or ${systemReader} or rule:owner`;

/**
 * keystone/common/policies/application_credential.py. One makes them for oneself only, in a project; administrators
 * may look at and delete those of others, readers of the system look.
 */
export const applicationCredentialPolicies = [
  rule(
    'identity:get_application_credential',
    readers,
    'Show application credential details.',
    systemOrProject,
  ),
  rule(
    'identity:list_application_credentials',
    readers,
    'List application credentials for a user.',
    systemOrProject,
  ),
  rule('identity:create_application_credential', 'user_id:%(user_id)s', 'Create an application credential.', [
    'project',
  ]),
  rule(
    'identity:delete_application_credential',
    'rule:admin_or_owner',
    'Delete an application credential.',
    systemOrProject,
  ),
];
