import type { Db } from '../tables.ts';

export interface Topology {
  readonly project_id: string;
  readonly network_id: string;
  readonly router_id: string;
}

export const findTopology = (db: Db, projectId: string): Promise<Topology | undefined> =>
  db
    .selectFrom('network_auto_allocated_topologies')
    .selectAll()
    .where('project_id', '=', projectId)
    .executeTakeFirst();

export async function insertTopology(db: Db, topology: Topology): Promise<void> {
  await db.insertInto('network_auto_allocated_topologies').values(topology).execute();
}

export async function deleteTopologyRow(db: Db, projectId: string): Promise<void> {
  await db.deleteFrom('network_auto_allocated_topologies').where('project_id', '=', projectId).execute();
}

/** The external network projects are led to when they name none. */
export async function defaultExternalNetwork(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('network_networks')
    .select('id')
    .where('external', '=', 1)
    .where('is_default', '=', 1)
    .executeTakeFirst();
  return row?.id;
}
