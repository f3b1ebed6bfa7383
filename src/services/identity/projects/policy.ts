import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemReader } from '../policy.ts';

const inItsDomain = 'domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s';
const readers = `(${adminRequired}) or ${systemReader} or (role:reader and ${inItsDomain}) or project_id:%(target.project.id)s`;
const managers = `(${adminRequired}) or (role:manager and ${inItsDomain})`;

/**
 * keystone/common/policies/project.py. Administrators and, with a token for its domain, readers and managers. Whoever
 * has a token for a project may look at that one.
 */
export const projectPolicies = [
  rule('identity:get_project', readers, 'Show project details.', anyScope),
  rule(
    'identity:list_projects',
    `(${adminRequired}) or ${systemReader} or (role:reader and domain_id:%(target.domain_id)s)`,
    'List projects.',
    anyScope,
  ),
  rule('identity:create_project', managers, 'Create project.', anyScope),
  rule('identity:update_project', managers, 'Update project.', anyScope),
  rule('identity:delete_project', managers, 'Delete project.', anyScope),
  rule('identity:list_project_tags', readers, 'List tags for a project.', anyScope),
  rule('identity:get_project_tag', readers, 'Check if project contains a tag.', anyScope),
  rule('identity:update_project_tags', managers, 'Replace all tags on a project.', anyScope),
  rule('identity:create_project_tag', managers, 'Add a single tag to a project.', anyScope),
  rule('identity:delete_project_tags', managers, 'Remove all tags from a project.', anyScope),
  rule('identity:delete_project_tag', managers, 'Delete a specified tag from project.', anyScope),
];
