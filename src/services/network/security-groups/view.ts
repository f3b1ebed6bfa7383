import { isoSeconds } from '#kit/clock/clock.ts';

import { viewRule } from '../security-group-rules/view.ts';
import type { GroupRow } from './store.ts';

/** A security group as the API shows it. */
export const viewGroup = (group: GroupRow) => ({
  id: group.id,
  name: group.name,
  stateful: group.stateful === 1,
  tenant_id: group.project_id,
  project_id: group.project_id,
  description: group.description,
  shared: group.shared === 1,
  security_group_rules: group.rules.map(viewRule),
  tags: group.tags,
  created_at: isoSeconds(group.created_at),
  updated_at: isoSeconds(group.updated_at),
  revision_number: group.revision_number,
});
