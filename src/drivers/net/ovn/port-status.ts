import { owned } from './names.ts';
import type { PortBindingRow, Southbound } from './southbound.ts';

/** A port's wiring as a listener hears of it. */
export interface PortStatus {
  readonly portId: string;
  readonly up: boolean;
  /** Host name of the hypervisor it is up on. */
  readonly host: string | null;
}
type Listener = (status: PortStatus) => void;

/**
 * Tells when hypervisors have wired a port: `up` is set once its flows are in place. Every listener hears of every port
 * once, and again of each that changes, also of those that changed while the database was away.
 */
export class PortStatuses {
  readonly #southbound: Southbound;
  readonly #listeners: Listener[] = [];
  readonly #told = new Map<string, PortStatus>();

  constructor(southbound: Southbound) {
    this.#southbound = southbound;
    southbound.onChange('Port_Binding', ({ before, after }) => {
      const portId = (after ?? before)!.external_ids[owned.port];
      if (!portId) return;
      this.#tell(this.#statusOf(portId, after));
      if (!after) this.#told.delete(portId);
    });
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
    for (const status of this.#told.values()) listener(status);
  }

  #statusOf(portId: string, row: PortBindingRow | undefined): PortStatus {
    const chassis = row?.up && row.chassis ? this.#southbound.tables.Chassis.get(row.chassis) : undefined;
    return { portId, up: chassis !== undefined, host: chassis?.hostname ?? null };
  }

  #tell(status: PortStatus): void {
    const { portId, up, host } = status;
    const told = this.#told.get(portId);
    if (told?.up === up && told.host === host) return;
    this.#told.set(portId, status);
    for (const listener of this.#listeners) listener(status);
  }
}
