import { type PolicyRule, rule } from '#kit/auth/policy.ts';

/** glance/policies/base.py: the phrases other rules are made of. */
const member = 'role:member and project_id:%(project_id)s';
const reader = 'role:reader and project_id:%(project_id)s';
const sharedWith = 'project_id:%(member_id)s';
const seenByAll = "'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s";
const any = `(project_id:%(project_id)s or ${sharedWith} or ${seenByAll})`;

export const admin = 'rule:context_is_admin';
export const adminOrMember = `${admin} or (${member})`;
export const adminOrReader = `${admin} or (${reader})`;
export const adminOrReaderOfImage = `${admin} or (role:reader and ${any})`;
export const adminOrReaderOfNamespace = `${admin} or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))`;
export const adminOrMemberOfImage = `${admin} or (role:member and ${any})`;
export const adminOrOwnerToBe = `${admin} or (${member} and project_id:%(owner)s)`;
export const adminOrImageMember = `${admin} or (role:member and ${sharedWith})`;
export const adminOrReaderOrImageMember = `${admin} or role:reader and (project_id:%(project_id)s or ${sharedWith})`;
export const adminOrService = `${admin} or rule:service_api`;

export const basePolicies = [
  rule('default', '', 'What rules that an operator’s policy file adds may refer to.'),
  rule('context_is_admin', 'role:admin', 'Who is an administrator.'),
  rule('service_api', 'role:service or role:admin', 'Calls between services.'),
];

/** A rule as all of Glance's are: in project scope. */
export const projectRule = (name: string, check: string, description: string): PolicyRule =>
  rule(name, check, description, ['project']);
