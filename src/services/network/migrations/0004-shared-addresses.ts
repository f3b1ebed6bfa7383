import { sql } from 'kysely';

import type { Migration } from '#kit/db/migrations.ts';

/** Finds the few ports of a network that may use addresses of others. */
export const sharedAddressesMigration: Migration = {
  name: 'network/0004-shared-addresses',
  async up(db) {
    await sql`
      create index network_ports_pairs on network_ports (network_id) where allowed_address_pairs <> '[]'
    `.execute(db);
  },
};
