import { dropGroupUuid, owned } from './names.ts';
import type { Northbound, NorthboundRow } from './northbound.ts';

/** Which of our port groups each port is in, kept up to date. The database tells only which ports each group has. */
export class PortGroups {
  readonly #groups = new Map<string, Set<string>>();

  constructor(northbound: Northbound) {
    northbound.onChange('Port_Group', ({ before, after }) => {
      const [old, now] = [membersOf(before), membersOf(after)];
      const group = (after ?? before)!._uuid;
      for (const port of old.difference(now)) this.#leave(port, group);
      for (const port of now.difference(old)) this.#join(port, group);
    });
  }

  /** UUIDs of the groups a port is in. */
  of(port: string): Iterable<string> {
    return this.#groups.get(port) ?? [];
  }

  #join(port: string, group: string): void {
    const groups = this.#groups.get(port);
    if (groups) groups.add(group);
    else this.#groups.set(port, new Set([group]));
  }

  #leave(port: string, group: string): void {
    const groups = this.#groups.get(port);
    groups?.delete(group);
    if (groups?.size === 0) this.#groups.delete(port);
  }
}

function membersOf(group: NorthboundRow<'Port_Group'> | undefined): ReadonlySet<string> {
  const ours = group && (group._uuid === dropGroupUuid || group.external_ids[owned.securityGroup]);
  return new Set(ours ? group.ports : []);
}
