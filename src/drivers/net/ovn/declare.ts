import type { Change } from '../driver.ts';
import type { Hypervisors } from './hypervisors.ts';
import { owned } from './names.ts';
import { putNetwork, removeNetwork } from './networks.ts';
import type { Northbound, NorthboundChange } from './northbound.ts';
import { type GroupsOfPort, putPort, removePort } from './ports.ts';
import { putRouter, removeRouter } from './routers.ts';
import { putSecurityGroup, removeSecurityGroup } from './security-groups.ts';

/** What rows are worked out from, beside what is wanted. */
export interface Surroundings {
  readonly hypervisors: Hypervisors;
  readonly groupsOf: GroupsOfPort;
}

type Kind = Change['kind'];

/** The tables with rows of each kind of object that go with nothing else, and the key that says whose they are. */
const homes = {
  network: { tables: ['Logical_Switch', 'DHCP_Options'], key: owned.network },
  port: { tables: ['Logical_Switch_Port', 'DHCP_Options', 'DNS'], key: owned.port },
  router: { tables: ['Logical_Router', 'HA_Chassis_Group'], key: owned.router },
  securityGroup: { tables: ['Port_Group'], key: owned.securityGroup },
} as const;

/** Declares the rows of one object, or that they shall go. */
export function declare(transaction: NorthboundChange, change: Change, around: Surroundings): void {
  if (!change.wanted) remove(transaction, change.kind, change.id);
  else if (change.kind === 'network') putNetwork(transaction, change.wanted);
  else if (change.kind === 'securityGroup') putSecurityGroup(transaction, change.wanted);
  else if (change.kind === 'router') putRouter(transaction, change.wanted, around.hypervisors);
  else putPort(transaction, change.wanted, around.groupsOf);
}

function remove(transaction: NorthboundChange, kind: Kind, id: string): void {
  if (kind === 'network') removeNetwork(transaction, id);
  else if (kind === 'securityGroup') removeSecurityGroup(transaction, id);
  else if (kind === 'router') removeRouter(transaction, id);
  else removePort(transaction, id);
}

/** Whether the object has any row now. */
export const isPresent = (northbound: Northbound, kind: Kind, id: string): boolean =>
  presentIds(northbound, kind).includes(id);

/** Ids of every object of one kind that has a row, be it one that something left behind. */
export function presentIds(northbound: Northbound, kind: Kind): string[] {
  const { tables, key } = homes[kind];
  const ids = new Set<string>();
  for (const table of tables)
    for (const { external_ids: external } of northbound.tables[table].rows())
      if (external[key] !== undefined) ids.add(external[key]);
  return [...ids];
}
