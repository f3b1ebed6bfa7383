import type { Migration } from '#kit/db/migrations.ts';

import { placementMigration } from './0001-placement.ts';

/** Every change of Placement's tables, in the order they were made. */
export const placementMigrations: readonly Migration[] = [placementMigration];
