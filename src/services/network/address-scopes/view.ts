import type { AddressScopeRow } from './store.ts';

/** An address scope as the API shows it. */
export const viewAddressScope = (scope: AddressScopeRow) => ({
  id: scope.id,
  name: scope.name,
  tenant_id: scope.project_id,
  project_id: scope.project_id,
  shared: scope.shared === 1,
  ip_version: scope.ip_version,
});
