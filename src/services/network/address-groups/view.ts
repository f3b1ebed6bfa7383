import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { AddressGroupRow } from './store.ts';

/** An address group as the API shows it. */
export const viewAddressGroup = (group: AddressGroupRow) => ({
  id: group.id,
  name: group.name,
  description: group.description,
  tenant_id: group.project_id,
  project_id: group.project_id,
  addresses: fromJson<string[]>(group.addresses),
  created_at: isoSeconds(group.created_at),
  updated_at: isoSeconds(group.updated_at),
  revision_number: group.revision_number,
});
