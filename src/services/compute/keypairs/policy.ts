import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

const keypairs = 'os_compute_api:os-keypairs';
const adminOrUser = `(${admin}) or user_id:%(user_id)s`;

/** nova/policies/keypairs.py: key pairs are their user's, in whatever project. */
export const keypairPolicies = [
  rule(`${keypairs}:index`, adminOrUser, 'List key pairs.', ['project']),
  rule(`${keypairs}:create`, adminOrUser, 'Create or import a key pair.', ['project']),
  rule(`${keypairs}:delete`, adminOrUser, 'Delete a key pair.', ['project']),
  rule(`${keypairs}:show`, adminOrUser, 'Show a key pair.', ['project']),
];
