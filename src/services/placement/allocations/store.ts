import type { Kysely, Selectable } from 'kysely';

/** Who holds allocations: a server, a migration … It exists as long as it holds any. */
export interface Consumer {
  readonly uuid: string;
  readonly generation: number;
  readonly projectId: string;
  readonly userId: string;
  /** Null for consumers from before microversion 1.38. */
  readonly consumerType: string | null;
}

/** An amount of one resource class of one provider that a consumer holds. */
export interface Allocation {
  readonly consumerUuid: string;
  readonly providerUuid: string;
  readonly resourceClass: string;
  readonly used: number;
  readonly createdAt: number;
}

/** Use of one resource class of one provider: by everybody, and by everybody but some consumers. */
export interface Use {
  readonly providerUuid: string;
  readonly resourceClass: string;
  readonly used: number;
  readonly usedByOthers: number;
}

/** A consumer's row goes with its last allocation. Its `generation` counts what replaced its allocations, from 1. */
export interface AllocationTables {
  placement_consumers: {
    uuid: string;
    generation: number;
    project_id: string;
    user_id: string;
    consumer_type: string | null;
  };
  placement_allocations: {
    consumer_uuid: string;
    provider_uuid: string;
    resource_class: string;
    used: number;
    created_at: number;
  };
}

/** The allocations' and their consumers' only SQL. */
export class AllocationStore {
  readonly #db: Kysely<AllocationTables>;

  constructor(db: Kysely<AllocationTables>) {
    this.#db = db;
  }

  async ofConsumer(consumer: string): Promise<Allocation[]> {
    return (await this.#allocations().where('consumer_uuid', '=', consumer).execute()).map(fromRow);
  }

  async ofConsumers(consumers: readonly string[]): Promise<Allocation[]> {
    if (consumers.length === 0) return [];
    return (await this.#allocations().where('consumer_uuid', 'in', consumers).execute()).map(fromRow);
  }

  async ofProvider(provider: string): Promise<Allocation[]> {
    return (await this.#allocations().where('provider_uuid', '=', provider).execute()).map(fromRow);
  }

  /** The resource classes of a provider that something is allocated from. */
  async classesInUse(provider: string): Promise<Set<string>> {
    const rows = await this.#db
      .selectFrom('placement_allocations')
      .select('resource_class')
      .distinct()
      .where('provider_uuid', '=', provider)
      .execute();
    return new Set(rows.map((row) => row.resource_class));
  }

  /** How much of these providers is in use; `except` names the consumers that do not count as others. */
  async use(providers: readonly string[], except: readonly string[]): Promise<Use[]> {
    if (providers.length === 0) return [];
    const rows = await this.#db
      .selectFrom('placement_allocations')
      .select((eb) => [
        'provider_uuid',
        'resource_class',
        eb.fn.sum<number>('used').as('used'),
        eb.fn
          .sum<number>(eb.case().when('consumer_uuid', 'in', except).then(0).else(eb.ref('used')).end())
          .as('used_by_others'),
      ])
      .where('provider_uuid', 'in', providers)
      .groupBy(['provider_uuid', 'resource_class'])
      .execute();
    return rows.map((row) => ({
      providerUuid: row.provider_uuid,
      resourceClass: row.resource_class,
      used: row.used,
      usedByOthers: row.used_by_others,
    }));
  }

  async insert(allocations: readonly Allocation[]): Promise<void> {
    if (allocations.length === 0) return;
    await this.#db
      .insertInto('placement_allocations')
      .values(
        allocations.map((a) => ({
          consumer_uuid: a.consumerUuid,
          provider_uuid: a.providerUuid,
          resource_class: a.resourceClass,
          used: a.used,
          created_at: a.createdAt,
        })),
      )
      .execute();
  }

  async removeOfConsumers(consumers: readonly string[]): Promise<void> {
    if (consumers.length === 0) return;
    await this.#db.deleteFrom('placement_allocations').where('consumer_uuid', 'in', consumers).execute();
  }

  /** Follows a resource class to its new name. */
  async renameClass(from: string, to: string): Promise<void> {
    await this.#db
      .updateTable('placement_allocations')
      .set({ resource_class: to })
      .where('resource_class', '=', from)
      .execute();
  }

  async findConsumers(uuids: readonly string[]): Promise<Map<string, Consumer>> {
    if (uuids.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('placement_consumers')
      .selectAll()
      .where('uuid', 'in', uuids)
      .execute();
    return new Map(rows.map((row) => [row.uuid, consumerFromRow(row)]));
  }

  async listConsumers(): Promise<string[]> {
    const rows = await this.#db.selectFrom('placement_consumers').select('uuid').orderBy('uuid').execute();
    return rows.map((row) => row.uuid);
  }

  /** Writes a consumer, whether it is there or not. */
  async putConsumer(consumer: Consumer): Promise<void> {
    const { uuid, ...rest } = {
      uuid: consumer.uuid,
      generation: consumer.generation,
      project_id: consumer.projectId,
      user_id: consumer.userId,
      consumer_type: consumer.consumerType,
    };
    await this.#db
      .insertInto('placement_consumers')
      .values({ uuid, ...rest })
      .onConflict((oc) => oc.column('uuid').doUpdateSet(rest))
      .execute();
  }

  async removeConsumers(uuids: readonly string[]): Promise<void> {
    if (uuids.length === 0) return;
    await this.#db.deleteFrom('placement_consumers').where('uuid', 'in', uuids).execute();
  }

  #allocations() {
    return this.#db
      .selectFrom('placement_allocations')
      .selectAll()
      .orderBy('created_at')
      .orderBy('provider_uuid')
      .orderBy('resource_class');
  }
}

const fromRow = (row: Selectable<AllocationTables['placement_allocations']>): Allocation => ({
  consumerUuid: row.consumer_uuid,
  providerUuid: row.provider_uuid,
  resourceClass: row.resource_class,
  used: row.used,
  createdAt: row.created_at,
});

const consumerFromRow = (row: Selectable<AllocationTables['placement_consumers']>): Consumer => ({
  uuid: row.uuid,
  generation: row.generation,
  projectId: row.project_id,
  userId: row.user_id,
  consumerType: row.consumer_type,
});
