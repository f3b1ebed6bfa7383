import type { Kysely } from 'kysely';

import { fromJson } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

import type { FlavorSnapshot } from '../servers/server.ts';
import type { ServerTables } from '../servers/store.ts';

/** What usage needs to know of a server, be it deleted or not. Times in milliseconds, disks in GB. */
export interface UsedServer {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly flavorName: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  readonly state: string;
  readonly launchedAt: number;
  readonly terminatedAt: number | null;
}

/** A period, and which of the servers that lived in it. */
export interface UsageQuery {
  readonly start: number;
  readonly stop: number;
  readonly projectId?: string;
  readonly limit: number;
  /** Id of the server before the first one wanted. */
  readonly marker?: string;
}

const order: readonly SortKey[] = [
  { column: 'project_id', direction: 'asc' },
  { column: 'id', direction: 'asc' },
];

/** The usage's only SQL; it reads the servers' table. */
export class UsageStore {
  readonly #db: Kysely<ServerTables>;

  constructor(database: Database) {
    this.#db = database.tables();
  }

  /** Servers that lived in a period, by project and id; undefined when the marker is no server. */
  async servers(query: UsageQuery): Promise<UsedServer[] | undefined> {
    const marker = query.marker === undefined ? undefined : await this.#marker(query.marker);
    if (query.marker !== undefined && !marker) return undefined;
    let select = this.#db
      .selectFrom('compute_servers')
      .select(['id', 'name', 'project_id', 'flavor', 'vcpus', 'memory_mb', 'root_gb', 'ephemeral_gb'])
      .select(['vm_state', 'launched_at', 'terminated_at'])
      .where((eb) => eb.or([eb('terminated_at', 'is', null), eb('terminated_at', '>', query.start)]))
      .where('launched_at', '<', query.stop)
      .limit(query.limit);
    if (query.projectId !== undefined) select = select.where('project_id', '=', query.projectId);
    const rows = await afterMarker(select, order, marker).execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      projectId: row.project_id,
      flavorName: fromJson<FlavorSnapshot>(row.flavor).name,
      vcpus: row.vcpus,
      memoryMb: row.memory_mb,
      diskGb: row.root_gb + row.ephemeral_gb,
      state: row.vm_state,
      launchedAt: row.launched_at!,
      terminatedAt: row.terminated_at,
    }));
  }

  #marker(id: string) {
    return this.#db
      .selectFrom('compute_servers')
      .select(['project_id', 'id'])
      .where('id', '=', id)
      .executeTakeFirst();
  }
}
