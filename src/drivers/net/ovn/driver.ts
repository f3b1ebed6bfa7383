import { type Clock, systemClock } from '#kit/clock/clock.ts';
import { isKind, messageOf, unavailable } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';
import { OvsdbClient } from '#protocols/ovsdb/client.ts';

import type { Change, NetAgent, NetDriver, PortStatus } from '../driver.ts';
import { declare, isPresent, presentIds, type Surroundings } from './declare.ts';
import { redistributeFloatingIps } from './floating-ips.ts';
import { rescheduleGateways } from './gateways.ts';
import { Hypervisors } from './hypervisors.ts';
import { Liveness } from './liveness.ts';
import { type Northbound, northbound } from './northbound.ts';
import { PortGroups } from './port-groups.ts';
import { PortStatuses } from './port-status.ts';
import { type Southbound, southbound } from './southbound.ts';

/** How long a call waits for the databases when the driver has only just started. */
const firstContactMs = 5_000;
/** What happens to several hypervisors or ports at once is seen to at once. */
const settleMs = 200;

/** What the driver is made with; `clock` is for tests that let hypervisors fall silent. */
export interface OvnDriverParts {
  /** `unix:/path` or `tcp:host:port` of the Northbound and the Southbound database. */
  readonly northbound: string;
  readonly southbound: string;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** The network driver's control half on OVN: writes the Northbound database, watches the Southbound one. */
export class OvnDriver implements NetDriver {
  readonly name = 'ovn';
  readonly #northbound: Northbound;
  readonly #southbound: Southbound;
  readonly #log: Logger;
  readonly #groups: PortGroups;
  readonly #statuses: PortStatuses;
  readonly #liveness: Liveness;
  readonly #hypervisors: Hypervisors;
  #following: NodeJS.Timeout | undefined;

  constructor(parts: OvnDriverParts) {
    this.#log = parts.log;
    this.#northbound = new OvsdbClient(parts.northbound, northbound);
    this.#southbound = new OvsdbClient(parts.southbound, southbound);
    this.#groups = new PortGroups(this.#northbound);
    this.#statuses = new PortStatuses(this.#northbound, this.#southbound);
    const changed = () => this.#followSoon();
    this.#liveness = new Liveness(this.#northbound, this.#southbound, parts.clock ?? systemClock, changed);
    this.#hypervisors = new Hypervisors(this.#southbound, this.#liveness, changed);
    this.#northbound.onSync(() => this.#followSoon());
  }

  get connected(): boolean {
    return this.#northbound.connected && this.#southbound.connected;
  }

  /**
   * All changes in one transaction; of several of one object the last counts. When it fails for what one of them is,
   * each has its own, so that it does not keep the others from being made; the first error is thrown at the end.
   */
  async apply(given: readonly Change[]): Promise<void> {
    await this.#firstContact();
    const changes = [...new Map(given.map((change) => [`${change.kind} ${change.id}`, change])).values()];
    try {
      await this.#write(changes);
    } catch (error) {
      if (isKind(error, 'unavailable') || changes.length < 2) throw error;
      await this.#writeEach(changes);
    }
  }

  async present(kind: Change['kind']): Promise<readonly string[]> {
    await this.#firstContact();
    return presentIds(this.#northbound, kind);
  }

  async drifted(changes: readonly Change[]): Promise<readonly string[]> {
    await this.#firstContact();
    const around = this.#surroundings();
    return changes
      .filter((change) => {
        if (!change.wanted) return isPresent(this.#northbound, change.kind, change.id);
        return this.#northbound.differs((transaction) => declare(transaction, change, around));
      })
      .map((change) => change.id);
  }

  /** What a listener throws is logged: it must not keep the others from hearing. */
  onPortStatus(listener: (status: PortStatus) => void): void {
    this.#statuses.listen((status) => {
      try {
        listener(status);
      } catch (error) {
        this.#log.error({ err: error, port: status.portId }, `port status: ${messageOf(error)}`);
      }
    });
  }

  portStatus(portId: string): PortStatus | undefined {
    return this.#statuses.of(portId);
  }

  async agents(): Promise<readonly NetAgent[]> {
    await this.#firstContact();
    return this.#hypervisors.agents();
  }

  async removeAgent(id: string): Promise<void> {
    await this.#firstContact();
    await this.#southbound.change((transaction) => {
      for (const table of ['Chassis', 'Chassis_Private'] as const)
        for (const { _uuid: uuid, name } of transaction.rows(table))
          if (name === id) transaction.delete(table, uuid);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#following);
    this.#liveness.close();
    this.#northbound.close();
    this.#southbound.close();
  }

  /** Before the caches have been filled once nothing can be said. Throws `unavailable` when that does not happen. */
  async #firstContact(): Promise<void> {
    for (const client of [this.#northbound, this.#southbound])
      if (!client.synced) await client.ready(firstContactMs);
  }

  #surroundings(): Surroundings {
    return { hypervisors: this.#hypervisors, groupsOf: (port) => this.#groups.of(port) };
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#northbound.change((transaction) => {
        const around = this.#surroundings();
        for (const change of changes) declare(transaction, change, around);
      });
    } catch (error) {
      throw isKind(error, 'unavailable')
        ? unavailable('The network engine is not reachable.', undefined, error)
        : error;
    }
  }

  async #writeEach(changes: readonly Change[]): Promise<void> {
    const problems: unknown[] = [];
    for (const change of changes)
      await this.#write([change]).catch((error: unknown) => void problems.push(error));
    if (problems.length > 0) throw problems[0];
  }

  #followSoon(): void {
    this.#following ??= setTimeout(() => void this.#follow(), settleMs).unref();
  }

  /** Gateways go where hypervisors are, floating IPs where their ports are. */
  async #follow(): Promise<void> {
    this.#following = undefined;
    if (!this.#southbound.synced || !this.#northbound.connected) return;
    try {
      await this.#northbound.change((transaction) => {
        rescheduleGateways(transaction, this.#hypervisors.living);
        redistributeFloatingIps(transaction, this.#hypervisors);
      });
    } catch (error) {
      this.#log.warn({ err: error }, `gateways do not follow the hypervisors: ${messageOf(error)}`);
    }
  }
}
