import type { OvsdbClient, Schema } from '#protocols/ovsdb/client.ts';
import { integer, optional, ref, setOf, text, textMap } from '#protocols/ovsdb/columns.ts';
import type { Transaction } from '#protocols/ovsdb/transaction.ts';

/** The part of a host's Open_vSwitch database (ovs-vswitchd.conf.db(5)) that is used: bridges and what is plugged in. */
const tables = {
  Open_vSwitch: { bridges: setOf(ref), next_cfg: integer, cur_cfg: integer, external_ids: textMap },
  Bridge: { name: text, ports: setOf(ref), datapath_type: text, fail_mode: optional(text) },
  Port: { name: text, interfaces: setOf(ref) },
  Interface: {
    name: text,
    type: text,
    external_ids: textMap,
    ofport: optional(integer),
    error: optional(text),
  },
};

/** The tables and columns that are used. */
export type VswitchTables = typeof tables;
/** What an {@link OvsdbClient} is to keep a copy of; bridges and ports that are not the cloud's are in it too. */
export const vswitch: Schema<VswitchTables> = { database: 'Open_vSwitch', tables };
/** A connection to the database of the host's switch with its copy. */
export type Vswitch = OvsdbClient<VswitchTables>;
/** A change of that database being worked out; ovs-vswitchd acts upon it only after it was committed. */
export type VswitchChange = Transaction<VswitchTables>;

/** The bridge OVN programs. */
export const integrationBridge = 'br-int';
