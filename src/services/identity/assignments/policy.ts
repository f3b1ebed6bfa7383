import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, anyScope, systemOrProject, systemReader } from '../policy.ts';

/** `role` on a domain that actor and target both belong to. */
const inOwnDomain = (role: string): string =>
  ['user', 'group']
    .flatMap((actor) =>
      ['target.project.domain_id', 'target.domain.id'].map(
        (target) => `(role:${role} and domain_id:%(target.${actor}.domain_id)s and domain_id:%(${target})s)`,
      ),
    )
    .join(' or ');

const globalOrOwnRole = '(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s)';

const grantor =
  `(${adminRequired}) or (${inOwnDomain('admin')}) and ${globalOrOwnRole} or ` +
  `(${inOwnDomain('manager')}) and rule:domain_managed_target_role`;

const systemGrants = (actor: string) => [
  rule(
    `identity:list_system_grants_for_${actor}`,
    adminOrSystemReader,
    `List all grants a ${actor} has on the system.`,
    systemOrProject,
  ),
  rule(
    `identity:check_system_grant_for_${actor}`,
    adminOrSystemReader,
    `Check if a ${actor} has a role on the system.`,
    systemOrProject,
  ),
  rule(
    `identity:create_system_grant_for_${actor}`,
    adminRequired,
    `Grant a ${actor} a role on the system.`,
    systemOrProject,
  ),
  rule(
    `identity:revoke_system_grant_for_${actor}`,
    adminRequired,
    `Remove a role from a ${actor} on the system.`,
    systemOrProject,
  ),
];

const domainReaderOfAssignments = `(${adminRequired}) or ${systemReader} or (role:reader and domain_id:%(target.domain_id)s)`;

/**
 * keystone/common/policies/grant.py and role_assignment.py. Besides administrators, whoever has a token for a domain
 * that both actor and target are in: readers look, managers grant no role above their own. On the system only
 * administrators grant.
 */
export const assignmentPolicies = [
  rule(
    'identity:check_grant',
    `(${adminRequired}) or (${systemReader} or (${inOwnDomain('reader')}) and ${globalOrOwnRole})`,
    'Check a role grant between a target and an actor.',
    anyScope,
  ),
  rule(
    'identity:list_grants',
    `(${adminRequired}) or (${systemReader} or ${inOwnDomain('reader')})`,
    'List roles granted to an actor on a target.',
    anyScope,
  ),
  rule('identity:create_grant', grantor, 'Create a role grant between a target and an actor.', anyScope),
  rule('identity:revoke_grant', grantor, 'Revoke a role grant between a target and an actor.', anyScope),
  ...systemGrants('user'),
  ...systemGrants('group'),
  rule('identity:list_role_assignments', domainReaderOfAssignments, 'List role assignments.', anyScope),
  rule(
    'identity:list_role_assignments_for_tree',
    domainReaderOfAssignments,
    'List all role assignments for a given tree of hierarchical projects.',
    anyScope,
  ),
];
