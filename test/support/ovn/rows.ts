import { northbound } from '#drivers/net/ovn/northbound.ts';
import { OvsdbClient, type Schema } from '#protocols/ovsdb/client.ts';
import { text } from '#protocols/ovsdb/columns.ts';
import type { Tables } from '#protocols/ovsdb/table.ts';

// all but the group that drops what no other allows, and the database's own row
const { NB_Global: _own, Port_Group: _groups, ACL: _acls, ...others } = northbound.tables;

/** The tables of the Northbound database that are empty when nothing is wanted. */
export const northboundLeavings = {
  database: 'OVN_Northbound',
  tables: { ...others, Address_Set: { name: text } },
};

/** How many rows tables have, those without any left out. */
export async function rowsIn(remote: string, schema: Schema<Tables>): Promise<Record<string, number>> {
  const client = new OvsdbClient(remote, schema);
  try {
    await client.ready(5000);
    const counts = Object.entries(client.tables).map(
      ([name, table]) => [name, [...table.rows()].length] as const,
    );
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  } finally {
    client.close();
  }
}
