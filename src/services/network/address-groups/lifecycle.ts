import { fromJson, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { removePoliciesOf } from '../rbac-policies/store.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import type { Work } from '../work.ts';
import { addressesExist, addressesNotFound, addressGroupInUse } from './errors.ts';
import type { addressGroupAttributes } from './schema.ts';
import {
  type AddressGroupRow,
  deleteAddressGroupRow,
  groupsUsing,
  insertAddressGroup,
  updateAddressGroupRow,
} from './store.ts';

/** Makes a group with the addresses given, and answers its id. */
export async function createAddressGroup(
  work: Work,
  given: Created<typeof addressGroupAttributes>,
): Promise<string> {
  const id = newUuid();
  await insertAddressGroup(work.db, {
    id,
    project_id: given.project_id,
    name: given.name,
    description: given.description,
    addresses: toJson(given.addresses),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 0,
  });
  return id;
}

/** Renames or describes a group; addresses are added and taken away by actions of their own. */
export async function updateAddressGroup(
  work: Work,
  group: AddressGroupRow,
  changes: Updated<typeof addressGroupAttributes>,
): Promise<void> {
  await updateAddressGroupRow(work.db, group.id, {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
  });
}

/** Adds addresses; the rules that name the group follow. Throws `addressesExist` when it has one of them already. */
export async function addAddresses(
  work: Work,
  group: AddressGroupRow,
  added: readonly string[],
): Promise<void> {
  const present = fromJson<string[]>(group.addresses);
  const again = added.filter((address) => present.includes(address));
  if (again.length > 0) throw addressesExist(again, group.id);
  await setAddresses(work, group, [...present, ...added]);
}

/** Removes addresses; the rules that name the group follow. Throws `addressesNotFound` when it lacks one of them. */
export async function removeAddresses(
  work: Work,
  group: AddressGroupRow,
  removed: readonly string[],
): Promise<void> {
  const present = fromJson<string[]>(group.addresses);
  const absent = removed.filter((address) => !present.includes(address));
  if (absent.length > 0) throw addressesNotFound(absent, group.id);
  await setAddresses(
    work,
    group,
    present.filter((address) => !removed.includes(address)),
  );
}

async function setAddresses(work: Work, group: AddressGroupRow, addresses: readonly string[]): Promise<void> {
  await updateAddressGroupRow(work.db, group.id, { addresses: toJson(addresses) });
  work.touch('securityGroup', ...(await groupsUsing(work.db, group.id)));
}

/** Removes a group. Throws `addressGroupInUse` while a security group rule names it. */
export async function removeAddressGroup(work: Work, group: AddressGroupRow): Promise<void> {
  if ((await groupsUsing(work.db, group.id)).length > 0) throw addressGroupInUse(group.id);
  await removePoliciesOf(work.db, group.id);
  await deleteAddressGroupRow(work.db, group.id);
}
