import { type PolicyRule, rule } from '#kit/auth/policy.ts';

/** glance/policies/base.py: the phrases other rules are made of. */
const member = 'role:member and project_id:%(project_id)s';
const reader = 'role:reader and project_id:%(project_id)s';
const sharedWith = 'project_id:%(member_id)s';
const seenByAll = "'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s";
const any = `(project_id:%(project_id)s or ${sharedWith} or ${seenByAll})`;

/** Whoever has the role `admin`, in whichever project. */
export const admin = 'rule:context_is_admin';
/** Writes to what the caller's project owns: images, their members and their data. */
export const adminOrMember = `${admin} or (${member})`;
/** Lists, whose target is the caller's own project: what is in them is filtered one by one. */
export const adminOrReader = `${admin} or (${reader})`;
/** Who may get an image: `shared` is enough here, since lookups hide shared images from those who are no members. */
export const adminOrReaderOfImage = `${admin} or (role:reader and ${any})`;
/** Who may get a namespace and what it defines: its owner, and everyone when it is public. */
export const adminOrReaderOfNamespace = `${admin} or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))`;
/** Who may download an image: all who may get it, but the role must be `member`, as a reader only looks. */
export const adminOrMemberOfImage = `${admin} or (role:member and ${any})`;
/** Who may make an image: only administrators make one for another project. */
export const adminOrOwnerToBe = `${admin} or (${member} and project_id:%(owner)s)`;
/** Who may answer an offer to share: the project it was made to, not even the image's owner. */
export const adminOrImageMember = `${admin} or (role:member and ${sharedWith})`;
/** Who may see whom an image is shared with: its owner, and members, who see only themselves. */
export const adminOrReaderOrImageMember = `${admin} or role:reader and (project_id:%(project_id)s or ${sharedWith})`;
/** What other services may ask besides administrators. */
export const adminOrService = `${admin} or rule:service_api`;

/** The rules the others refer to; no endpoint is guarded by one of them directly. */
export const basePolicies = [
  rule('default', '', 'What rules that an operator’s policy file adds may refer to.'),
  rule('context_is_admin', 'role:admin', 'Who is an administrator.'),
  rule('service_api', 'role:service or role:admin', 'Calls between services.'),
];

/** A rule as all of Glance's are: in project scope. */
export const projectRule = (name: string, check: string, description: string): PolicyRule =>
  rule(name, check, description, ['project']);
