import type { Kysely, Selectable } from 'kysely';

import type { HostFacts } from '#contracts/guest.ts';
import { fromJson, toJson } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isUniqueViolation } from '#kit/db/errors.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { Presence } from '../compute-services/presence.ts';
import {
  type Service,
  serviceFromRow,
  type ServiceRow,
  type ServiceTables,
} from '../compute-services/store.ts';
import { isPossibleId } from '../ids.ts';
import { nextNumber } from '../sequences.ts';
import type { ServerTables } from '../servers/store.ts';

/** A hypervisor host: what its agent last told of it, and the `nova-compute` service it counts as. */
export interface Host {
  /** What the API showed as the hypervisor's id before 2.53. */
  readonly id: number;
  /** The hypervisor's id since 2.53, and its resource provider in Placement. */
  readonly uuid: string;
  /** Nova's `host` and `hypervisor_hostname`: one node a host, of the same name. */
  readonly name: string;
  readonly agentVersion: string;
  readonly facts: HostFacts;
  readonly service: Service;
  readonly createdAt: number;
}

interface HostRow {
  id: number;
  uuid: string;
  service_id: number;
  name: string;
  agent_version: string;
  facts: string;
  created_at: number;
}

interface HostTables extends ServiceTables, ServerTables {
  compute_hosts: HostRow;
}

/** What the servers of a host use together. Disks in GB. */
export interface HostUsage {
  readonly servers: number;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  /** Servers that something is being done to. */
  readonly busy: number;
}

/** What a host without servers uses. */
export const unused: HostUsage = { servers: 0, vcpus: 0, memoryMb: 0, diskGb: 0, busy: 0 };

/** The hosts' only SQL, and the rules by which a host is up. */
export class HostStore {
  readonly #db: Kysely<HostTables>;
  readonly #database: Database;
  readonly #presence: Presence;
  /** Parsed facts by host, kept while the stored text stays the same. */
  readonly #parsed = new Map<string, { text: string; facts: HostFacts }>();

  constructor(database: Database, presence: Presence) {
    this.#database = database;
    this.#db = database.tables();
    this.#presence = presence;
  }

  /** Every host, in the order they first reported. */
  async list(): Promise<Host[]> {
    return (await this.#select().orderBy('compute_hosts.id').execute()).map((row) => this.#fromRow(row));
  }

  async find(name: string): Promise<Host | undefined> {
    const row = await this.#select().where('compute_hosts.name', '=', name).executeTakeFirst();
    return row && this.#fromRow(row);
  }

  /** By the hypervisor's integer id or its UUID. */
  async findHypervisor(id: number | string): Promise<Host | undefined> {
    if (typeof id === 'number' && !isPossibleId(id)) return undefined;
    const row = await this.#select()
      .where(typeof id === 'number' ? 'compute_hosts.id' : 'compute_hosts.uuid', '=', id as never)
      .executeTakeFirst();
    return row && this.#fromRow(row);
  }

  /** Whether the host's agent is alive: not forced down, connected, heard of lately. */
  isUp(host: Host): boolean {
    return this.#presence.isUp(host.service);
  }

  /** Whether the host's agent is alive or should be again in a moment: see {@link Presence.isExpected}. */
  isExpected(host: Host): boolean {
    return this.#presence.isExpected(host.service);
  }

  /** Whether new servers may be put on the host: up and not disabled. */
  isUsable(host: Host): boolean {
    return !host.service.disabled && this.isUp(host);
  }

  /** What servers use, by host and by project; hosts without servers are left out. */
  async usageByProject(host?: string): Promise<(HostUsage & { host: string; projectId: string })[]> {
    let query = this.#db
      .selectFrom('compute_servers')
      .select((eb) => [
        'host',
        'project_id as projectId',
        eb.fn.countAll<number>().as('servers'),
        eb.fn.sum<number>('vcpus').as('vcpus'),
        eb.fn.sum<number>('memory_mb').as('memoryMb'),
        eb.fn.sum<number>(eb('root_gb', '+', eb.ref('ephemeral_gb'))).as('diskGb'),
        eb.fn.count<number>('task_state').as('busy'),
      ])
      .where('deleted_at', 'is', null)
      .where('host', 'is not', null)
      .groupBy(['host', 'project_id'])
      .orderBy('project_id');
    if (host !== undefined) query = query.where('host', '=', host);
    return (await query.execute()).map((row) => ({ ...row, host: row.host! }));
  }

  /** What servers use, by host; hosts without servers are left out. */
  async usage(): Promise<Map<string, HostUsage>> {
    const usage = new Map<string, HostUsage>();
    for (const part of await this.usageByProject())
      usage.set(part.host, addUsage(usage.get(part.host) ?? unused, part));
    return usage;
  }

  /** Every server that is on a host, oldest first. */
  async servers(): Promise<{ host: string; id: string; number: number }[]> {
    const rows = await this.#db
      .selectFrom('compute_servers')
      .select(['host', 'id', 'number'])
      .where('deleted_at', 'is', null)
      .where('host', 'is not', null)
      .orderBy('number')
      .execute();
    return rows.map((row) => ({ ...row, host: row.host! }));
  }

  /** The host of a `nova-compute` service, made when it reports for the first time. */
  async ensure(service: Service, agentVersion: string, facts: HostFacts, now: number): Promise<Host> {
    const known = await this.find(service.host);
    if (known) return known;
    try {
      await this.#database.transaction<HostTables, void>(async (trx) => {
        const row: HostRow = {
          id: await nextNumber(trx, 'hosts'),
          uuid: newUuid(),
          service_id: service.id,
          name: service.host,
          agent_version: agentVersion,
          facts: toJson(facts),
          created_at: now,
        };
        await trx.insertInto('compute_hosts').values(row).execute();
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
    return this.ensure(service, agentVersion, facts, now);
  }

  /** Writes what an agent told of its host when it said hello. */
  async greeted(name: string, agentVersion: string, facts: HostFacts): Promise<void> {
    await this.#db
      .updateTable('compute_hosts')
      .set({ facts: toJson(facts), agent_version: agentVersion })
      .where('name', '=', name)
      .execute();
  }

  /** Writes what agents told of their hosts since. */
  async report(reports: readonly { name: string; facts: HostFacts }[]): Promise<void> {
    if (reports.length === 0) return;
    await this.#database.transaction<HostTables, void>(async (trx) => {
      for (const { name, facts } of reports)
        await trx
          .updateTable('compute_hosts')
          .set({ facts: toJson(facts) })
          .where('name', '=', name)
          .execute();
    });
  }

  /** Removes a host. Tolerates absence. */
  async remove(name: string): Promise<void> {
    await this.#db.deleteFrom('compute_hosts').where('name', '=', name).execute();
    this.#parsed.delete(name);
  }

  #select() {
    return this.#db
      .selectFrom('compute_hosts')
      .innerJoin('compute_services', 'compute_services.id', 'compute_hosts.service_id')
      .selectAll('compute_services')
      .select([
        'compute_hosts.id as host_id',
        'compute_hosts.uuid as host_uuid',
        'compute_hosts.agent_version',
        'compute_hosts.facts',
        'compute_hosts.created_at as host_created_at',
      ]);
  }

  #fromRow(row: JoinedRow): Host {
    return {
      id: row.host_id,
      uuid: row.host_uuid,
      name: row.host,
      agentVersion: row.agent_version,
      facts: this.#facts(row.host, row.facts),
      service: serviceFromRow(row),
      createdAt: row.host_created_at,
    };
  }

  #facts(name: string, text: string): HostFacts {
    let parsed = this.#parsed.get(name);
    if (parsed?.text !== text) {
      parsed = { text, facts: fromJson<HostFacts>(text) };
      this.#parsed.set(name, parsed);
    }
    return parsed.facts;
  }
}

/** Two uses together. */
export const addUsage = (a: HostUsage, b: HostUsage): HostUsage => ({
  servers: a.servers + b.servers,
  vcpus: a.vcpus + b.vcpus,
  memoryMb: a.memoryMb + b.memoryMb,
  diskGb: a.diskGb + b.diskGb,
  busy: a.busy + b.busy,
});

type JoinedRow = Selectable<ServiceRow> & {
  host_id: number;
  host_uuid: string;
  agent_version: string;
  facts: string;
  host_created_at: number;
};
