import { rule } from '#kit/auth/policy.ts';

import { adminRequired, systemOrProject, systemReader } from '../policy.ts';

const owner = 'user_id:%(target.credential.user_id)s';
const writers = `(${adminRequired}) or (role:member and ${owner})`;

/**
 * keystone/common/policies/ec2_credential.py. Whose they are, and administrators. Unlike other credentials these are
 * made and deleted only by who has the role `member`.
 */
export const ec2CredentialPolicies = [
  rule(
    'identity:ec2_get_credential',
    `(${adminRequired}) or ${systemReader} or ${owner}`,
    'Show ec2 credential details.',
    systemOrProject,
  ),
  rule(
    'identity:ec2_list_credentials',
    `(${adminRequired}) or ${systemReader} or rule:owner`,
    'List ec2 credentials.',
    systemOrProject,
  ),
  rule('identity:ec2_create_credential', writers, 'Create ec2 credential.', systemOrProject),
  rule('identity:ec2_delete_credential', writers, 'Delete ec2 credential.', systemOrProject),
];
