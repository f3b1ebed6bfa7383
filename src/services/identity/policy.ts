import { rule } from '#kit/auth/policy.ts';
import { type CustomChecks, parseRule } from '#kit/auth/rule-parser.ts';

/** keystone/common/policies/base.py: the phrases other rules are made of. */
export const adminRequired = 'rule:admin_required';

/** Whoever has the role `reader` in a token for the system; it opens what shows, never what changes. */
export const systemReader = '(role:reader and system_scope:all)';

/** Who may look at what belongs to no domain: administrators and readers of the system. */
export const adminOrSystemReader = `${adminRequired} or ${systemReader}`;

/** The scopes of tokens a rule may be used with. To oslo.policy a token without any is one for a project. */
export const anyScope = ['system', 'domain', 'project', 'unscoped'] as const;

/** For rules no domain's token is let in by: what they guard belongs to no domain. */
export const systemOrProject = ['system', 'project', 'unscoped'] as const;

/** For rules about handing on what one may do in a project. */
export const projectOnly = ['project', 'unscoped'] as const;

/** What a domain's manager may grant and revoke: nothing above its own role. */
const managedRoles =
  "'manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s";

/**
 * keystone/common/policies/base.py: what the other rules refer to. They guard no call themselves; who overrides one
 * changes all rules that name it.
 */
export const basePolicies = [
  rule('admin_required', 'role:admin or is_admin:1', 'Who may administer identity.'),
  rule('service_role', 'role:service', 'The services themselves.'),
  rule('service_or_admin', 'rule:admin_required or rule:service_role', 'Services and administrators.'),
  rule('owner', 'user_id:%(user_id)s', 'The user it belongs to.'),
  rule('admin_or_owner', 'rule:admin_required or rule:owner', 'Administrators and the owner.'),
  rule('token_subject', 'user_id:%(target.token.user_id)s', 'The user a token belongs to.'),
  rule(
    'admin_or_token_subject',
    'rule:admin_required or rule:token_subject',
    'Administrators and whose token it is.',
  ),
  rule(
    'service_admin_or_token_subject',
    'rule:service_or_admin or rule:token_subject',
    'Services, administrators and whose token it is.',
  ),
  rule('domain_managed_target_role', managedRoles, "Roles a domain's manager may hand out."),
];

/** The parts of the caller's token that Keystone's rules name, told from what every service knows of its callers. */
export const identityPolicyChecks: CustomChecks = {
  'token.domain.id': (match) => sameIfKnown('domain_id', match),
  'token.project.domain.id': (match) => sameIfKnown('project_domain_id', match),
};

/** Like `attribute:match`, but false for a token without the attribute even where the target lacks it too. */
function sameIfKnown(attribute: string, match: string) {
  const check = parseRule(`${attribute}:${match}`);
  return (context: Parameters<typeof check>[0]) => context.creds[attribute] !== null && check(context);
}
