import type { OvsdbClient, Schema } from '#protocols/ovsdb/client.ts';
import { integer, optional, ref, text, textMap, truth } from '#protocols/ovsdb/columns.ts';
import type { Row } from '#protocols/ovsdb/table.ts';

/** The part of OVN's Southbound database (ovn-sb(5)) that is watched: what hypervisors have made of it. */
const tables = {
  Chassis: { name: text, hostname: text, other_config: textMap, external_ids: textMap },
  Chassis_Private: { name: text, nb_cfg: integer, nb_cfg_timestamp: integer },
  Port_Binding: { logical_port: text, chassis: optional(ref), up: optional(truth), external_ids: textMap },
};

/** The tables and columns that are looked at. */
export type SouthboundTables = typeof tables;
/** What an {@link OvsdbClient} is to keep a copy of: of the bindings only those of guests' interfaces. */
export const southbound: Schema<SouthboundTables> = {
  database: 'OVN_Southbound',
  tables,
  // guests' interfaces are those without a type
  where: { Port_Binding: [['type', '==', '']] },
};
/** A connection to the Southbound database with its copy, from which hypervisors that are gone are removed too. */
export type Southbound = OvsdbClient<SouthboundTables>;
/** A hypervisor; `name` is its system id, which stays the same when its `hostname` changes. */
export type ChassisRow = Row<SouthboundTables['Chassis']>;
/** Where a port is: `chassis` is the UUID of a {@link ChassisRow}, and `up` is true once its flows are there. */
export type PortBindingRow = Row<SouthboundTables['Port_Binding']>;
