import type { Kysely, Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { changedOne, fromJson, toJson } from '#kit/db/columns.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';
import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

/** Something a namespace defines: an object, a property or a tag, by a name unique among its kind. */
export interface Definition<Content> {
  readonly namespaceId: string;
  readonly name: string;
  readonly content: Content;
  /** Later ones have larger ones. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a definition is made from. */
export type NewDefinition<Content> = Pick<Definition<Content>, 'name' | 'content'>;

type Table = 'image_metadef_objects' | 'image_metadef_properties' | 'image_metadef_tags';

interface Row {
  namespace_id: string;
  name: string;
  content: string;
  sequence: number;
  created_at: number;
  updated_at: number;
}

/** The three tables of definitions, which are alike: `content` is JSON whose form depends on the kind. */
export type ContentTables = Record<Table, Row>;

/** A page of definitions, in the order of a column; those alike in it, in the order they were made in. */
export interface Page {
  readonly column: 'sequence' | 'name' | 'updated_at';
  readonly direction: SortKey['direction'];
  /** The last one of the page before. */
  readonly marker: Definition<unknown> | undefined;
  readonly limit: number | undefined;
}

/** The only SQL of one kind of definitions. */
export class ContentStore<Content> {
  readonly #db: Kysely<ContentTables>;
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(database: Database, table: Table, clock: Clock) {
    this.#db = database.tables();
    this.#table = table;
    this.#clock = clock;
  }

  async find(namespaceId: string, name: string): Promise<Definition<Content> | undefined> {
    const row = await this.#db
      .selectFrom(this.#table)
      .selectAll()
      .where('namespace_id', '=', namespaceId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fromRow<Content>(row);
  }

  /** The definitions of a namespace, the first one first unless a page says otherwise. */
  async list(namespaceId: string, page: Partial<Page> = {}): Promise<Definition<Content>[]> {
    const { column = 'sequence', direction = 'asc', marker, limit } = page;
    const columns = new Set([column, 'sequence', 'name']);
    const sort = [...columns].map((name) => ({ column: name, direction }));
    const all = this.#db.selectFrom(this.#table).selectAll().where('namespace_id', '=', namespaceId);
    const query = afterMarker<Row>(all, sort, marker && { ...toRow(marker) });
    const rows = await (limit === undefined ? query : query.limit(limit)).execute();
    return rows.map((row) => fromRow<Content>(row));
  }

  /** Makes definitions, all or none; answers what stood in the way. */
  insert(namespaceId: string, definitions: readonly NewDefinition<Content>[]): Promise<Made<Content>> {
    return told(() => this.#db.transaction().execute((trx) => this.insertIn(trx, namespaceId, definitions)));
  }

  /** Makes definitions in the place of all there are; answers what stood in the way. */
  replace(namespaceId: string, definitions: readonly NewDefinition<Content>[]): Promise<Made<Content>> {
    return told(() =>
      this.#db.transaction().execute(async (trx) => {
        await this.removeAll(namespaceId, trx);
        return this.insertIn(trx, namespaceId, definitions);
      }),
    );
  }

  /** As {@link insert}, within a transaction. Throws the database's own errors. */
  async insertIn(
    trx: AnyTransaction,
    namespaceId: string,
    definitions: readonly NewDefinition<Content>[],
  ): Promise<Definition<Content>[]> {
    const now = this.#clock.now();
    const made = definitions.map(({ name, content }, i) => ({
      namespaceId,
      name,
      content,
      // what is made together is told apart within its millisecond
      sequence: now * 1000 + i,
      createdAt: now,
      updatedAt: now,
    }));
    if (made.length > 0)
      await (trx as Transaction<ContentTables>).insertInto(this.#table).values(made.map(toRow)).execute();
    return made;
  }

  /** Gives a definition another name and content; answers what stood in the way. */
  async update(
    before: Definition<Content>,
    { name, content }: NewDefinition<Content>,
  ): Promise<Definition<Content> | 'duplicate' | 'gone'> {
    const updatedAt = this.#clock.now();
    try {
      const result = await this.#db
        .updateTable(this.#table)
        .set({ name, content: toJson(content), updated_at: updatedAt })
        .where('namespace_id', '=', before.namespaceId)
        .where('name', '=', before.name)
        .executeTakeFirst();
      return changedOne(result) ? { ...before, name, content, updatedAt } : 'gone';
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      throw error;
    }
  }

  async remove(namespaceId: string, name: string): Promise<void> {
    await this.#db
      .deleteFrom(this.#table)
      .where('namespace_id', '=', namespaceId)
      .where('name', '=', name)
      .execute();
  }

  async removeAll(namespaceId: string, trx: Kysely<ContentTables> = this.#db): Promise<void> {
    await trx.deleteFrom(this.#table).where('namespace_id', '=', namespaceId).execute();
  }
}

/** What was made, or what stood in the way. */
type Made<Content> = Definition<Content>[] | 'duplicate' | 'no namespace';

async function told<Content>(make: () => Promise<Definition<Content>[]>): Promise<Made<Content>> {
  try {
    return await make();
  } catch (error) {
    if (isUniqueViolation(error)) return 'duplicate';
    if (isForeignKeyViolation(error)) return 'no namespace';
    throw error;
  }
}

const fromRow = <Content>(row: Row): Definition<Content> => ({
  namespaceId: row.namespace_id,
  name: row.name,
  content: fromJson<Content>(row.content),
  sequence: row.sequence,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toRow = (definition: Definition<unknown>): Row => ({
  namespace_id: definition.namespaceId,
  name: definition.name,
  content: toJson(definition.content),
  sequence: definition.sequence,
  created_at: definition.createdAt,
  updated_at: definition.updatedAt,
});
