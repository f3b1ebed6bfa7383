import type { OvsdbClient, Schema } from '#protocols/ovsdb/client.ts';
import { integer, optional, ref, text, textMap, truth } from '#protocols/ovsdb/columns.ts';
import type { Row } from '#protocols/ovsdb/table.ts';

/** The part of OVN's Southbound database (ovn-sb(5)) that is watched: what hypervisors have made of it. */
const tables = {
  Chassis: { name: text, hostname: text, other_config: textMap, external_ids: textMap },
  Chassis_Private: { name: text, nb_cfg: integer, nb_cfg_timestamp: integer },
  Port_Binding: { logical_port: text, chassis: optional(ref), up: optional(truth), external_ids: textMap },
};

export type SouthboundTables = typeof tables;
export const southbound: Schema<SouthboundTables> = {
  database: 'OVN_Southbound',
  tables,
  // guests' interfaces are those without a type
  where: { Port_Binding: [['type', '==', '']] },
};
export type Southbound = OvsdbClient<SouthboundTables>;
export type ChassisRow = Row<SouthboundTables['Chassis']>;
export type PortBindingRow = Row<SouthboundTables['Port_Binding']>;
