import type { Kysely, Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { type Bit, bit, changedOne } from '#kit/db/columns.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';
import { isUniqueViolation } from '#kit/db/errors.ts';
import { afterMarker, type SortKey } from '#kit/db/keyset.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { Viewer } from '../../images/query.ts';
import type { ContentTables } from '../content-store.ts';
import type { AssociationTables } from '../resource-types/store.ts';

/** A namespace of metadata definitions: what properties of a kind mean, and to which resources they belong. */
export interface Namespace {
  readonly id: string;
  /** Its name. */
  readonly namespace: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly visibility: 'public' | 'private';
  readonly protected: boolean;
  readonly owner: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What is written of a namespace. */
export type NamespaceFields = Omit<Namespace, 'id' | 'createdAt' | 'updatedAt'>;

interface Row {
  id: string;
  namespace: string;
  display_name: string | null;
  description: string | null;
  visibility: string;
  protected: Bit;
  owner: string | null;
  created_at: number;
  updated_at: number;
}

type Tables = { image_metadef_namespaces: Row } & ContentTables & AssociationTables;

/** Which namespaces, and in what order. */
export interface NamespaceQuery {
  readonly visibility: string | undefined;
  /** Names of resource types, with one of which a namespace must be associated. */
  readonly resourceTypes: readonly string[] | undefined;
  readonly sort: readonly SortKey[];
  readonly marker: Namespace | undefined;
  readonly limit: number;
}

const contents = [
  'image_metadef_objects',
  'image_metadef_properties',
  'image_metadef_tags',
  'image_metadef_associations',
] as const;

/** The namespaces' only SQL. */
export class NamespaceStore {
  readonly #database: Database;
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#db = database.tables();
    this.#clock = clock;
  }

  async find(namespace: string): Promise<Namespace | undefined> {
    const row = await this.#db
      .selectFrom('image_metadef_namespaces')
      .selectAll()
      .where('namespace', '=', namespace)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Namespaces a viewer may see: public ones, and their own. */
  async list({ admin, projectId }: Viewer, query: NamespaceQuery): Promise<Namespace[]> {
    const { visibility, resourceTypes } = query;
    let select = this.#db.selectFrom('image_metadef_namespaces').selectAll();
    if (!admin)
      select = select.where((eb) =>
        eb.or([
          eb('visibility', '=', 'public'),
          ...(projectId === undefined ? [] : [eb('owner', '=', projectId)]),
        ]),
      );
    if (visibility !== undefined) select = select.where('visibility', '=', visibility);
    if (resourceTypes)
      select = select.where('id', 'in', (eb) =>
        eb
          .selectFrom('image_metadef_associations')
          .select('namespace_id')
          .where('resource_type', 'in', resourceTypes),
      );
    const marker = query.marker && { ...toRow(query.marker) };
    const rows = await afterMarker<Row>(select, query.sort, marker).limit(query.limit).execute();
    return rows.map(fromRow);
  }

  /** Makes a namespace, with what `also` puts into it; undefined when its name is taken. */
  async insert(
    fields: NamespaceFields,
    also: (trx: AnyTransaction, namespace: Namespace) => Promise<void>,
  ): Promise<Namespace | undefined> {
    const now = this.#clock.now();
    const made: Namespace = { ...fields, id: newUuid(), createdAt: now, updatedAt: now };
    try {
      await this.#database.transaction(async (trx: Transaction<Tables>) => {
        await trx.insertInto('image_metadef_namespaces').values(toRow(made)).execute();
        await also(trx, made);
      });
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
    return made;
  }

  /** Answers what stood in the way. */
  async update(id: string, fields: NamespaceFields): Promise<'updated' | 'duplicate' | 'gone'> {
    const {
      id: _id,
      created_at: _createdAt,
      ...columns
    } = toRow({
      ...fields,
      id,
      createdAt: 0,
      updatedAt: this.#clock.now(),
    });
    try {
      const result = await this.#db
        .updateTable('image_metadef_namespaces')
        .set(columns)
        .where('id', '=', id)
        .executeTakeFirst();
      return changedOne(result) ? 'updated' : 'gone';
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      throw error;
    }
  }

  /** Removes a namespace with all it defines. */
  async remove(id: string): Promise<void> {
    await this.#database.transaction(async (trx: Transaction<Tables>) => {
      for (const table of contents) await trx.deleteFrom(table).where('namespace_id', '=', id).execute();
      await trx.deleteFrom('image_metadef_namespaces').where('id', '=', id).execute();
    });
  }
}

const fromRow = (row: Row): Namespace => ({
  id: row.id,
  namespace: row.namespace,
  displayName: row.display_name,
  description: row.description,
  visibility: row.visibility as Namespace['visibility'],
  protected: row.protected === 1,
  owner: row.owner,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toRow = (namespace: Namespace): Row => ({
  id: namespace.id,
  namespace: namespace.namespace,
  display_name: namespace.displayName,
  description: namespace.description,
  visibility: namespace.visibility,
  protected: bit(namespace.protected),
  owner: namespace.owner,
  created_at: namespace.createdAt,
  updated_at: namespace.updatedAt,
});
