import type { Migration } from '#kit/db/migrations.ts';

/** Tokens for consoles, by their hash only. */
export const consoleTokensMigration: Migration = {
  name: 'compute/0010-console-tokens',
  async up(db) {
    await db.schema
      .createTable('compute_console_tokens')
      .addColumn('token_hash', 'text', (c) => c.primaryKey())
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('compute_console_tokens_expires')
      .on('compute_console_tokens')
      .column('expires_at')
      .execute();
  },
};
