import { newUuid } from '#kit/ids/ids.ts';

import { openToAll, removePoliciesOf } from '../rbac-policies/store.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import { poolsOfScope } from '../subnetpools/store.ts';
import type { Work } from '../work.ts';
import { addressScopeInUse, addressScopeStaysShared } from './errors.ts';
import type { addressScopeAttributes } from './schema.ts';
import {
  type AddressScopeRow,
  deleteAddressScopeRow,
  insertAddressScope,
  renameAddressScope,
} from './store.ts';

const asObject = (id: string, projectId: string) => ({ type: 'address_scope', id, projectId });

/** Makes a scope, shared with everybody if asked, and answers its id. */
export async function createAddressScope(
  work: Work,
  given: Created<typeof addressScopeAttributes>,
): Promise<string> {
  const { shared, ...scope } = given;
  const id = newUuid();
  await insertAddressScope(work.db, { ...scope, id });
  if (shared) await openToAll(work.db, asObject(id, scope.project_id), 'access_as_shared');
  return id;
}

/** Renames or shares a scope. Throws `addressScopeStaysShared` when one is not to be shared any more. */
export async function updateAddressScope(
  work: Work,
  scope: AddressScopeRow,
  changes: Updated<typeof addressScopeAttributes>,
): Promise<void> {
  if (scope.shared === 1 && changes.shared === false) throw addressScopeStaysShared(scope.id);
  if (changes.name !== undefined) await renameAddressScope(work.db, scope.id, changes.name);
  if (changes.shared) await openToAll(work.db, asObject(scope.id, scope.project_id), 'access_as_shared');
}

/** Removes a scope. Throws `addressScopeInUse` while subnet pools are in it. */
export async function removeAddressScope(work: Work, scope: AddressScopeRow): Promise<void> {
  if ((await poolsOfScope(work.db, scope.id)).length > 0) throw addressScopeInUse(scope.id);
  await removePoliciesOf(work.db, scope.id);
  await deleteAddressScopeRow(work.db, scope.id);
}
