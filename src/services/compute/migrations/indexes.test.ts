import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';

import { migrate } from '#kit/db/migrations.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

import { computeMigrations } from './migrations.ts';

const servers = sql`from compute_servers where deleted_at is null`;

describe('what finds servers among those deleted, in SQLite', () => {
  const databases = sqliteDatabases();

  test.each([
    [
      'a project’s quota is counted in the index alone',
      sql`select count(*), sum(vcpus), sum(memory_mb) ${servers} and project_id = 'p'`,
      'SEARCH compute_servers USING COVERING INDEX compute_servers_quota (project_id=? AND deleted_at=?)',
    ],
    [
      'a user’s as well',
      sql`select count(*), sum(vcpus), sum(memory_mb) ${servers} and project_id = 'p' and user_id = 'u'`,
      'SEARCH compute_servers USING COVERING INDEX compute_servers_quota (project_id=? AND deleted_at=? AND user_id=?)',
    ],
    [
      'a project’s servers are not sorted',
      sql`select * ${servers} and project_id = 'p' order by created_at desc nulls last, number desc nulls last limit 2`,
      'SEARCH compute_servers USING INDEX compute_servers_project (project_id=?)',
    ],
    [
      'nor are all servers',
      sql`select * ${servers} order by created_at desc nulls last, number desc nulls last limit 2`,
      'SCAN compute_servers USING INDEX compute_servers_live',
    ],
    [
      'hosts are counted one after the other',
      sql`select host, count(*), count(task_state) ${servers} and host is not null group by host`,
      'SEARCH compute_servers USING INDEX compute_servers_host (host>?)',
    ],
    [
      'those long deleted come first',
      sql`select id from compute_servers where deleted_at < 1 order by deleted_at limit 2`,
      'SEARCH compute_servers USING INDEX compute_servers_deleted (deleted_at<?)',
    ],
  ])('%s', async (_what, query, plan) => {
    const database = await databases.open();
    await migrate(database, computeMigrations, 0);
    const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(database.tables());
    expect(rows.map(({ detail }) => detail)).toEqual([plan]);
  });
});
