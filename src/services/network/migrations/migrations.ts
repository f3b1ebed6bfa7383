import type { Migration } from '#kit/db/migrations.ts';

import { layer2Migration } from './0001-layer2.ts';
import { layer3Migration } from './0002-layer3.ts';
import { addressesMigration } from './0003-addresses.ts';
import { sharedAddressesMigration } from './0004-shared-addresses.ts';
import { agentsMigration } from './0005-agents.ts';

/** Every change of Network's tables, in the order they were made. */
export const networkMigrations: readonly Migration[] = [
  layer2Migration,
  layer3Migration,
  addressesMigration,
  sharedAddressesMigration,
  agentsMigration,
];
