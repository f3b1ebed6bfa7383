import type { Migration } from '#kit/db/migrations.ts';

import { sequencesMigration } from './0001-sequences.ts';
import { serversMigration } from './0002-servers.ts';
import { hostsMigration } from './0003-hosts.ts';
import { quotasMigration } from './0004-quotas.ts';
import { flavorsMigration } from './0005-flavors.ts';
import { serverGroupsMigration } from './0006-server-groups.ts';
import { keypairsMigration } from './0007-keypairs.ts';
import { aggregatesMigration } from './0008-aggregates.ts';
import { usageMigration } from './0009-usage.ts';
import { consoleTokensMigration } from './0010-console-tokens.ts';
import { serverMigrationsMigration } from './0011-server-migrations.ts';
import { deletedServersMigration } from './0012-deleted-servers.ts';
import { actionHostsMigration } from './0013-action-hosts.ts';

/** Every change of Compute's tables, in the order they were made. */
export const computeMigrations: readonly Migration[] = [
  sequencesMigration,
  serversMigration,
  hostsMigration,
  quotasMigration,
  flavorsMigration,
  serverGroupsMigration,
  keypairsMigration,
  aggregatesMigration,
  usageMigration,
  consoleTokensMigration,
  serverMigrationsMigration,
  deletedServersMigration,
  actionHostsMigration,
];
