import type { OvsdbClient, Schema } from '#protocols/ovsdb/client.ts';
import { integer, optional, ref, setOf, text, textMap, truth } from '#protocols/ovsdb/columns.ts';
import type { Row } from '#protocols/ovsdb/table.ts';
import type { Transaction } from '#protocols/ovsdb/transaction.ts';

/** The part of OVN's Northbound database (ovn-nb(5)) that is written: what networks are wanted. */
const tables = {
  NB_Global: { nb_cfg: integer },
  Logical_Switch: { name: text, ports: setOf(ref), dns_records: setOf(ref), external_ids: textMap },
  Logical_Switch_Port: {
    name: text,
    type: text,
    addresses: setOf(text),
    port_security: setOf(text),
    enabled: optional(truth),
    tag_request: optional(integer),
    options: textMap,
    dhcpv4_options: optional(ref),
    dhcpv6_options: optional(ref),
    external_ids: textMap,
  },
  DNS: { records: textMap, external_ids: textMap },
  DHCP_Options: { cidr: text, options: textMap, external_ids: textMap },
  Logical_Router: {
    name: text,
    enabled: optional(truth),
    ports: setOf(ref),
    static_routes: setOf(ref),
    nat: setOf(ref),
    options: textMap,
    external_ids: textMap,
  },
  Logical_Router_Port: {
    name: text,
    mac: text,
    networks: setOf(text),
    ha_chassis_group: optional(ref),
    ipv6_ra_configs: textMap,
    options: textMap,
    external_ids: textMap,
  },
  Logical_Router_Static_Route: {
    ip_prefix: text,
    nexthop: text,
    output_port: optional(text),
    external_ids: textMap,
  },
  NAT: {
    type: text,
    external_ip: text,
    logical_ip: text,
    logical_port: optional(text),
    external_mac: optional(text),
    external_ids: textMap,
  },
  HA_Chassis_Group: { name: text, ha_chassis: setOf(ref), external_ids: textMap },
  HA_Chassis: { chassis_name: text, priority: integer },
  Port_Group: { name: text, ports: setOf(ref), acls: setOf(ref), external_ids: textMap },
  ACL: {
    priority: integer,
    direction: text,
    match: text,
    action: text,
    external_ids: textMap,
  },
};

/** The tables and columns that are used; columns left out stay as OVN's defaults have them. */
export type NorthboundTables = typeof tables;
/** What an {@link OvsdbClient} is to keep a copy of, whole: the writer must see leftovers too. */
export const northbound: Schema<NorthboundTables> = { database: 'OVN_Northbound', tables };
/** A connection to the Northbound database with its copy. */
export type Northbound = OvsdbClient<NorthboundTables>;
/** A row of one table as the copy holds it, `_uuid` included. */
export type NorthboundRow<N extends keyof NorthboundTables> = Row<NorthboundTables[N]>;
/** A change of the Northbound database being worked out. */
export type NorthboundChange = Transaction<NorthboundTables>;
