import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { Database } from './database.ts';

interface Tables {
  numbers: { n: number };
}

test('what was committed at once, alone and together is there when the file is opened again', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-sqlite-'));
  const open = () => Database.open({ kind: 'sqlite', path: join(directory, 'db') });
  let database = await open();
  await sql`create table numbers (n integer)`.execute(database.tables<Tables>());
  const insert = (n: number) =>
    database.transaction<Tables, void>(
      async (trx) => void (await trx.insertInto('numbers').values({ n }).execute()),
    );
  const failing = database.transaction<Tables, void>(async (trx) => {
    await trx.insertInto('numbers').values({ n: -1 }).execute();
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  await Promise.all([...Array(50).keys()].map(insert));
  await database.tables<Tables>().insertInto('numbers').values({ n: 50 }).execute();
  await database.close();
  database = await open();
  const rows = await database.tables<Tables>().selectFrom('numbers').select('n').orderBy('n').execute();
  expect(rows.map(({ n }) => n)).toEqual([...Array(51).keys()]);
  await database.close();
  rmSync(directory, { recursive: true });
});
