import { rule } from '#kit/auth/policy.ts';
import type { Check, CustomChecks } from '#kit/auth/rule-parser.ts';

/** The phrases other rules are made of: neutron/conf/policies/base.py and neutron_lib/policy/rules.py. */

/** Administrators of the cloud: whoever has the role `admin`, in whatever project. */
export const adminOnly = 'rule:admin_only';
/** Other services of the cloud, such as Nova, which act for everybody: the role `service`. */
export const service = 'rule:service_api';
/** Who may change things of the project a target belongs to. */
export const member = 'role:member and project_id:%(project_id)s';
/** Who may look at things of the project a target belongs to. */
export const reader = 'role:reader and project_id:%(project_id)s';
const manager = 'role:manager and project_id:%(project_id)s';
/** The default for changing what belongs to one project. */
export const adminOrMember = `(${adminOnly}) or (${member})`;
/** The default for showing what belongs to one project. */
export const adminOrReader = `(${adminOnly}) or (${reader})`;
/** Administrators, and those who run the project a target belongs to. */
export const adminOrManager = `(${adminOnly}) or (${manager})`;
/** What users have no business with, and other services have. */
export const adminOrService = `(${adminOnly}) or (${service})`;
/** Members of the project the target's network belongs to, whoever owns the target itself. */
export const networkMember = 'role:member and rule:network_owner';
/** Readers of the project the target's network belongs to, whoever owns the target itself. */
export const networkReader = 'role:reader and rule:network_owner';
/** Managers of the project the target's network belongs to, whoever owns the target itself. */
export const networkManager = 'role:manager and rule:network_owner';
/** The default for changing what is part of a network: subnets, and some attributes of ports. */
export const adminOrNetworkMember = `(${adminOnly}) or (${networkMember})`;
/** Who may see what is part of a network. */
export const adminOrNetworkReader = `(${adminOnly}) or (${networkReader})`;

/** The rules other rules refer to by name; operators may override them like any other. */
export const basePolicies = [
  rule('context_is_admin', 'role:admin', 'Who administers the cloud.'),
  rule('service_api', 'role:service', 'Other services.'),
  rule('context_is_advsvc', 'role:advsvc', 'Advanced services, the old way.'),
  rule('owner', 'project_id:%(project_id)s', 'Whose a resource is.'),
  rule('admin_or_owner', 'rule:context_is_admin or rule:owner', 'Administrators and owners.'),
  rule('network_owner', 'project_id:%(network:project_id)s', 'Whose the network is.'),
  rule(
    'admin_or_network_owner',
    'rule:context_is_admin or project_id:%(network:project_id)s',
    'Administrators and owners of the network.',
  ),
  rule(
    'admin_owner_or_network_owner',
    'rule:owner or rule:admin_or_network_owner',
    'Administrators, owners, and owners of the network.',
  ),
  rule('sg_owner', 'project_id:%(security_group:project_id)s', 'Whose the security group is.'),
  rule('admin_only', 'rule:context_is_admin', 'Administrators.'),
  rule('regular_user', '', 'Anyone.'),
  rule('shared', 'field:networks:shared=True', 'A network, or something on one, that is shared.'),
  rule('default', 'rule:admin_or_owner', 'What applies where no rule is declared.'),
];

/**
 * `field:<resource>:<field>=<value>`: what the target says of itself, or of its network. A value that starts with `~` is
 * a regular expression. Follows neutron.policy.FieldCheck.
 */
function fieldCheck(match: string): Check {
  const [, resource, field, wanted] = /^([^:]+):([^=]+)=(.*)$/.exec(match) ?? [];
  if (resource === undefined || field === undefined || wanted === undefined)
    throw new Error(`cannot read policy check: field:${match}`);
  const pattern = wanted.startsWith('~') ? new RegExp(wanted.slice(1)) : undefined;
  return ({ target }) => {
    const value =
      field in target ? target[field] : resource === 'networks' ? target[`network:${field}`] : undefined;
    if (value === undefined || value === null) return false;
    if (pattern) return typeof value === 'string' && pattern.test(value);
    return typeof value === 'boolean' ? value === (wanted === 'True') : value === wanted;
  };
}

/** The kinds of checks rules of Network use besides oslo.policy's own. */
export const policyChecks: CustomChecks = { field: fieldCheck };
