import { expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';

import { bit, changedOne } from './columns.ts';
import type { Database } from './database.ts';
import { isForeignKeyViolation, isUniqueViolation } from './errors.ts';
import { afterMarker, type SortKey } from './keyset.ts';
import { migrate, type Migration } from './migrations.ts';

interface Tables {
  things: { id: string; name: string | null; size: number; on: 0 | 1; parent: string | null };
}

const migrations: Migration[] = [
  {
    name: 'test/0001-things',
    async up(db) {
      await db.schema
        .createTable('things')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.unique())
        .addColumn('size', 'bigint', (c) => c.notNull())
        .addColumn('on', 'integer', (c) => c.notNull())
        .addColumn('parent', 'text', (c) => c.references('things.id'))
        .execute();
    },
  },
];

const thing = (id: string, name: string | null = null, size = 1) => ({
  id,
  name,
  size,
  on: bit(true),
  parent: null,
});

describeEachEngine('database', (databases) => {
  const open = async () => {
    const database = await databases.open();
    await migrate(database, migrations, 0);
    return { database, db: database.tables<Tables>() };
  };

  test('migrations run once', async () => {
    const { database } = await open();
    expect(await migrate(database, migrations, 0)).toEqual([]);
  });

  test('a failed transaction leaves nothing', async () => {
    const { database, db } = await open();
    const attempt = database.transaction<Tables, void>(async (trx) => {
      await trx.insertInto('things').values(thing('a')).execute();
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(await db.selectFrom('things').selectAll().execute()).toEqual([]);
  });

  test('what is to follow a commit follows it, and no failure', async () => {
    const { database, db } = await open();
    const seen: number[] = [];
    const insert = (id: string, fail: boolean) =>
      database.transaction<Tables, void>(async (trx) => {
        database.onceCommitted(trx, () => seen.push(seen.length));
        await trx.insertInto('things').values(thing(id)).execute();
        expect(seen).toEqual([]);
        if (fail) throw new Error('no');
      });
    await expect(insert('a', true)).rejects.toThrow('no');
    expect(seen).toEqual([]);
    await insert('b', false);
    expect([seen, await count(database)]).toEqual([[0], 1]);
    expect(() => database.onceCommitted(db as never, () => {})).toThrow('not a transaction');
  });

  test('reads and single writes go on beside a transaction', async () => {
    const { database, db } = await open();
    let other: Promise<unknown> | undefined;
    await database.transaction<Tables, void>(async (trx) => {
      await trx.insertInto('things').values(thing('a')).execute();
      expect(await db.selectFrom('things').selectAll().execute()).toEqual([]);
      // on SQLite it waits for the transaction, on PostgreSQL it does not
      other = db.insertInto('things').values(thing('b')).execute();
      await new Promise((r) => setTimeout(r, 5));
    });
    await other;
    expect(await count(database)).toBe(2);
  });

  test('compare-and-set: one of two wins', async () => {
    const { db } = await open();
    await db.insertInto('things').values(thing('a')).execute();
    const take = () =>
      db
        .updateTable('things')
        .set({ size: 2 })
        .where('id', '=', 'a')
        .where('size', '=', 1)
        .executeTakeFirstOrThrow();
    expect((await Promise.all([take(), take()])).map(changedOne).sort()).toEqual([false, true]);
  });

  test('limits hold, none at all included', async () => {
    const { db } = await open();
    for (const id of ['a', 'b', 'c']) await db.insertInto('things').values(thing(id)).execute();
    const ids = async (limit: number, offset: number) => {
      const list = db.selectFrom('things').select('id').orderBy('id').limit(limit).offset(offset);
      return (await list.execute()).map((row) => row.id);
    };
    expect([await ids(2, 0), await ids(2, 2), await ids(0, 0)]).toEqual([['a', 'b'], ['c'], []]);
  });

  test('rows have the columns of today, also for what was asked before', async () => {
    const { database, db } = await open();
    await db.insertInto('things').values(thing('a')).execute();
    const all = () => db.selectFrom('things').selectAll().execute();
    const inTransaction = () =>
      database.transaction<Tables, object[]>((trx) => trx.selectFrom('things').selectAll().execute());
    const before = { id: 'a', name: null, size: 1, on: 1, parent: null };
    expect([await all(), await inTransaction()]).toEqual([[before], [before]]);
    await db.schema.alterTable('things').renameColumn('size', 'extent').execute();
    const { size: _, ...after } = { ...before, extent: 1 };
    expect([await all(), await inTransaction()]).toEqual([[after], [after]]);
  });

  test('violations are recognised', async () => {
    const { db } = await open();
    await db.insertInto('things').values(thing('a', 'x')).execute();
    const unique = await db
      .insertInto('things')
      .values(thing('b', 'x'))
      .execute()
      .catch((e: unknown) => e);
    const primary = await db
      .insertInto('things')
      .values(thing('a'))
      .execute()
      .catch((e: unknown) => e);
    const foreign = await db
      .insertInto('things')
      .values({ ...thing('c'), parent: 'zz' })
      .execute()
      .catch((e: unknown) => e);
    expect([isUniqueViolation(unique), isUniqueViolation(primary), isForeignKeyViolation(foreign)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test.each([
    ['asc', 'asc'],
    ['desc', 'asc'],
    ['desc', 'desc'],
  ] as const)('paging by marker visits every row once (%s, %s)', async (first, second) => {
    const { db } = await open();
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => ({
      ...thing(id),
      name: i % 3 ? `n${i}` : null,
      size: i % 2,
    }));
    await db.insertInto('things').values(rows).execute();
    const sort: SortKey[] = [
      { column: 'size', direction: first },
      { column: 'name', direction: second },
      { column: 'id', direction: 'asc' },
    ];
    const all = await afterMarker(db.selectFrom('things').selectAll(), sort, undefined).execute();
    const paged = [];
    let marker: Record<string, unknown> | undefined;
    for (;;) {
      const page = await afterMarker(db.selectFrom('things').selectAll(), sort, marker).limit(2).execute();
      if (page.length === 0) break;
      paged.push(...page);
      marker = page.at(-1);
    }
    expect(paged.map((r) => r.id)).toEqual(all.map((r) => r.id));
    expect(paged).toHaveLength(6);
  });
});

const count = async (database: Database): Promise<number> => {
  const { n } = await database
    .tables<Tables>()
    .selectFrom('things')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return n;
};
