import { type PolicyRule, rule } from '#kit/auth/policy.ts';

/**
 * placement/policies/base.py: the phrases other rules are made of. This one is for nearly everything: administrators,
 * and services such as Nova.
 */
export const adminOrService = 'rule:admin_or_service_api';

/** Services alone, not even administrators: reshaping moves what they account for. */
export const service = 'rule:service_api';

/** Besides those, readers of the project in question: they may see what it uses in all. */
export const adminOrProjectReaderOrService = 'rule:admin_or_project_reader_or_service_api';

/** The rules that the phrases above refer to. An operator who overrides one changes all that are made of it. */
export const basePolicies = [
  rule('admin_api', 'role:admin', 'Who may administer Placement.', ['project']),
  rule('service_api', 'role:service', 'Calls between services.', ['project']),
  rule('admin_or_service_api', 'role:admin or role:service', 'Administrators and services.', ['project']),
  rule(
    'project_reader_api',
    'role:reader and project_id:%(project_id)s',
    'Reading what belongs to a project.',
  ),
  rule(
    'admin_or_project_reader_or_service_api',
    'role:admin or rule:project_reader_api or role:service',
    'Administrators, services and readers of the project.',
    ['project'],
  ),
];

/** A rule as nearly all of Placement's are: for administrators and services, in project scope. */
export const adminRule = (name: string, description: string): PolicyRule =>
  rule(name, adminOrService, description, ['project']);
