import type { Db } from '../tables.ts';

/** A project's topology. Either part may have been deleted behind its back: nothing in the database holds them. */
export interface Topology {
  readonly project_id: string;
  readonly network_id: string;
  readonly router_id: string;
}

/** The one topology of a project; undefined when none was made, or it was deleted. */
export const findTopology = (db: Db, projectId: string): Promise<Topology | undefined> =>
  db
    .selectFrom('network_auto_allocated_topologies')
    .selectAll()
    .where('project_id', '=', projectId)
    .executeTakeFirst();

/** Notes a topology. The caller holds the project's quota lock, so that there is one row per project at most. */
export async function insertTopology(db: Db, topology: Topology): Promise<void> {
  await db.insertInto('network_auto_allocated_topologies').values(topology).execute();
}

/** Forgets that there was a topology; its network and router are the caller's to remove. Tolerates absence. */
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
