import type { Migration } from '#kit/db/migrations.ts';

import { imagesMigration } from './0001-images.ts';
import { metadefsMigration } from './0002-metadefs.ts';

/** Every change of Image's tables, in the order they were made. */
export const imageMigrations: readonly Migration[] = [imagesMigration, metadefsMigration];
