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

/** The table each kind of object has its own row in, and the key that tells our rows from others'. */
const home = {
  network: { table: 'Logical_Switch', key: owned.network },
  port: { table: 'Logical_Switch_Port', key: owned.port },
  router: { table: 'Logical_Router', key: owned.router },
  securityGroup: { table: 'Port_Group', key: owned.securityGroup },
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

/** Whether the object has a row of its own now. */
export function isPresent(northbound: Northbound, kind: Kind, id: string): boolean {
  const { table, key } = home[kind];
  return northbound.tables[table].get(id)?.external_ids[key] === id;
}

/** Ids of every object of one kind that has a row. */
export function presentIds(northbound: Northbound, kind: Kind): string[] {
  const { table, key } = home[kind];
  const ids: string[] = [];
  for (const { external_ids: external } of northbound.tables[table].rows())
    if (external[key] !== undefined) ids.push(external[key]);
  return ids;
}
