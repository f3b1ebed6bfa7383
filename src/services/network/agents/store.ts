import type { Db } from '../tables.ts';

/** What administrators wrote about agents, by agent. Everything else about them the engine knows. */
export async function agentNotes(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('network_agents').selectAll().execute();
  return new Map(rows.map((row) => [row.id, row.description]));
}

/** Writes or overwrites the note about an agent; whether there is such an agent is not asked here. */
export async function describeAgent(db: Db, id: string, description: string): Promise<void> {
  await db
    .insertInto('network_agents')
    .values({ id, description })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ description }))
    .execute();
}

/** Tolerates absence. */
export async function forgetAgent(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_agents').where('id', '=', id).execute();
}
