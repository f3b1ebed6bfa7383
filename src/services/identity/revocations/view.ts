import { isoMicros } from '#kit/clock/clock.ts';

import type { RevocationEvent } from './store.ts';

/** A revocation event as the API shows it: only the attributes a token must match, and its times. */
export const viewRevocation = (event: RevocationEvent) => ({
  ...(event.userId !== undefined && { user_id: event.userId }),
  ...(event.roleId !== undefined && { role_id: event.roleId }),
  ...(event.domainId !== undefined && { domain_id: event.domainId }),
  ...(event.projectId !== undefined && { project_id: event.projectId }),
  ...(event.auditId !== undefined && { audit_id: event.auditId }),
  ...(event.auditChainId !== undefined && { audit_chain_id: event.auditChainId }),
  issued_before: isoMicros(event.issuedBefore),
  revoked_at: isoMicros(event.revokedAt),
});
