import { isoOfMicros } from '../expiry.ts';
import type { RoleGraph } from '../roles/graph.ts';
import { viewRole } from '../roles/view.ts';
import type { Trust } from './store.ts';

/** A trust as lists show it: without its roles. */
export const viewTrustBriefly = (trust: Trust, origin: string) => ({
  ...trust.extra,
  id: trust.id,
  trustor_user_id: trust.trustorId,
  trustee_user_id: trust.trusteeId,
  project_id: trust.projectId,
  impersonation: trust.impersonation,
  expires_at: trust.expiresAtMicros === null ? null : `${isoOfMicros(trust.expiresAtMicros)}Z`,
  remaining_uses: trust.remainingUses,
  deleted_at: null,
  redelegated_trust_id: trust.redelegatedTrustId,
  redelegation_count: trust.redelegationCount,
  links: { self: `${origin}/v3/OS-TRUST/trusts/${trust.id}` },
});

/** A trust as the API shows it by itself. */
export const viewTrust = (trust: Trust, graph: RoleGraph, origin: string) => ({
  ...viewTrustBriefly(trust, origin),
  roles: viewTrustRoles(trust, graph, origin),
  roles_links: viewRolesLinks(trust, origin),
});

/** The roles of a trust in full; they are listed with it, and at `/v3/OS-TRUST/trusts/{trust_id}/roles`. */
export const viewTrustRoles = (trust: Trust, graph: RoleGraph, origin: string) =>
  trust.roleIds.flatMap((id) => {
    const role = graph.role(id);
    return role ? [viewRole(role, origin)] : [];
  });

/** `roles_links` of a trust. The path in `self` is Keystone's, and leads nowhere there either. */
export const viewRolesLinks = (trust: Trust, origin: string) => ({
  self: `${origin}/v3/${trust.id}/roles`,
  next: null,
  previous: null,
});
