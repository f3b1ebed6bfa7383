import type { Kysely, Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { changedOne } from '#kit/db/columns.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';

/** A kind of resource that definitions may belong to, e.g. `OS::Nova::Flavor`. */
export interface ResourceType {
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** That a namespace's definitions belong to resources of a type. */
export interface Association {
  readonly namespaceId: string;
  /** Name of the resource type. */
  readonly name: string;
  /** Stands before each property's name on such resources. */
  readonly prefix: string | null;
  /** Which of several places for properties such resources have. */
  readonly propertiesTarget: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What an association is made from; a resource type nobody knew before comes into being with it. */
export type NewAssociation = Pick<Association, 'name' | 'prefix' | 'propertiesTarget'>;

/** The table of associations, for the namespaces too, which filter by it and take it with them when they go. */
export interface AssociationTables {
  image_metadef_associations: {
    namespace_id: string;
    resource_type: string;
    prefix: string | null;
    properties_target: string | null;
    created_at: number;
    updated_at: number;
  };
}

interface Tables extends AssociationTables {
  image_metadef_resource_types: { name: string; created_at: number; updated_at: number };
}

/** The resource types' only SQL. */
export class ResourceTypeStore {
  readonly #database: Database;
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#db = database.tables();
    this.#clock = clock;
  }

  /** All there are, by name. */
  async list(): Promise<ResourceType[]> {
    const rows = await this.#db
      .selectFrom('image_metadef_resource_types')
      .selectAll()
      .orderBy('name')
      .execute();
    return rows.map((row) => ({ name: row.name, createdAt: row.created_at, updatedAt: row.updated_at }));
  }

  /** The associations of namespaces, by the name of the resource type. */
  async associations(namespaceIds: readonly string[]): Promise<Association[]> {
    if (namespaceIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('image_metadef_associations')
      .selectAll()
      .where('namespace_id', 'in', namespaceIds)
      .orderBy('resource_type')
      .execute();
    return rows.map(fromRow);
  }

  /** Associates a namespace, also with a resource type that was not there before; answers what stood in the way. */
  async associate(
    namespaceId: string,
    association: NewAssociation,
  ): Promise<Association | 'duplicate' | 'no namespace'> {
    try {
      return await this.#database.transaction((trx) => this.associateIn(trx, namespaceId, association));
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      if (isForeignKeyViolation(error)) return 'no namespace';
      throw error;
    }
  }

  /** As {@link associate}, within a transaction. Throws the database's own errors. */
  async associateIn(
    trx: AnyTransaction,
    namespaceId: string,
    { name, prefix, propertiesTarget }: NewAssociation,
  ): Promise<Association> {
    const db = trx as Transaction<Tables>;
    const now = this.#clock.now();
    const times = { created_at: now, updated_at: now };
    await db
      .insertInto('image_metadef_resource_types')
      .values({ name, ...times })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const row = {
      namespace_id: namespaceId,
      resource_type: name,
      prefix,
      properties_target: propertiesTarget,
      ...times,
    };
    await db.insertInto('image_metadef_associations').values(row).execute();
    return fromRow(row);
  }

  /** Whether there was such an association. */
  async dissociate(namespaceId: string, name: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('image_metadef_associations')
      .where('namespace_id', '=', namespaceId)
      .where('resource_type', '=', name)
      .executeTakeFirst();
    return changedOne(result);
  }
}

const fromRow = (row: AssociationTables['image_metadef_associations']): Association => ({
  namespaceId: row.namespace_id,
  name: row.resource_type,
  prefix: row.prefix,
  propertiesTarget: row.properties_target,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
