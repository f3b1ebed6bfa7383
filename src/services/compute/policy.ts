import { rule } from '#kit/auth/policy.ts';

/**
 * nova/policies/base.py: the phrases other rules are made of. This one is for administrators alone: the default for
 * what concerns the whole cloud.
 */
export const admin = 'rule:context_is_admin';

/** Managers of the project that owns the target, and administrators. */
export const projectManagerOrAdmin = 'rule:project_manager_or_admin';

/** Whoever may change what the target's project owns, and administrators: the default for changes. */
export const projectMemberOrAdmin = 'rule:project_member_or_admin';

/** Whoever may look at what the target's project owns, and administrators: the default for reading. */
export const projectReaderOrAdmin = 'rule:project_reader_or_admin';

/** Other services, telling Compute of what concerns it, and administrators. */
export const serviceOrAdmin = 'rule:service_or_admin';

/** Everybody with a token, of whatever project: for what is the same for all. */
export const anyone = '@';

/** The rules that the phrases above refer to. An operator who overrides one changes all that are made of it. */
export const basePolicies = [
  rule('context_is_admin', 'role:admin', 'Who is an administrator.'),
  rule('project_manager_api', 'role:manager and project_id:%(project_id)s', 'Project management.'),
  rule('project_member_api', 'role:member and project_id:%(project_id)s', 'Changing what a project owns.'),
  rule('project_reader_api', 'role:reader and project_id:%(project_id)s', 'Reading what a project owns.'),
  rule('service_api', 'role:service', 'Calls between services.'),
  rule(
    'project_manager_or_admin',
    'rule:project_manager_api or rule:context_is_admin',
    'Project managers and administrators.',
  ),
  rule(
    'project_member_or_admin',
    'rule:project_member_api or rule:context_is_admin',
    'Project members and administrators.',
  ),
  rule(
    'project_reader_or_admin',
    'rule:project_reader_api or rule:context_is_admin',
    'Project readers and administrators.',
  ),
  rule('service_or_admin', 'rule:service_api or rule:context_is_admin', 'Services and administrators.'),
];
