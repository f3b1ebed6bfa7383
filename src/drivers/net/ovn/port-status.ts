import type { PortStatus } from '../driver.ts';
import { owned } from './names.ts';
import type { Northbound } from './northbound.ts';
import type { PortBindingRow, Southbound } from './southbound.ts';

type Listener = (status: PortStatus) => void;

/**
 * Tells when hypervisors have wired a port: `up` is set once its flows are in place. A port that is switched off is
 * down however it is wired. Every listener hears of every port once, and again of each that changes, also of those that
 * changed while a database was away.
 */
export class PortStatuses {
  readonly #northbound: Northbound;
  readonly #southbound: Southbound;
  readonly #listeners: Listener[] = [];
  readonly #told = new Map<string, PortStatus>();
  /** Wired ports by id. */
  readonly #bindings = new Map<string, PortBindingRow>();

  constructor(northbound: Northbound, southbound: Southbound) {
    this.#northbound = northbound;
    this.#southbound = southbound;
    southbound.onChange('Port_Binding', ({ before, after }) => {
      const portId = (after ?? before)!.external_ids[owned.port];
      if (!portId) return;
      if (after) this.#bindings.set(portId, after);
      else this.#bindings.delete(portId);
      this.#look(portId);
      if (!after) this.#told.delete(portId);
    });
    northbound.onChange('Logical_Switch_Port', ({ before, after }) => {
      if (before && after && before.enabled !== after.enabled) this.#look(after._uuid);
    });
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
    for (const status of this.#told.values()) listener(status);
  }

  /** What was told of a port last. */
  of(portId: string): PortStatus | undefined {
    return this.#told.get(portId);
  }

  /** Tells when a port's status is not what was told last. A switch's own ports have no binding and are not told of. */
  #look(portId: string): void {
    const told = this.#told.get(portId);
    const binding = this.#bindings.get(portId);
    if (!told && !binding) return;
    const status = this.#statusOf(portId, binding);
    if (told?.up === status.up && told.host === status.host) return;
    this.#told.set(portId, status);
    for (const listener of this.#listeners) listener(status);
  }

  #statusOf(portId: string, binding: PortBindingRow | undefined): PortStatus {
    const enabled = this.#northbound.tables.Logical_Switch_Port.get(portId)?.enabled !== false;
    const wired = binding?.up && binding.chassis && enabled;
    const chassis = wired ? this.#southbound.tables.Chassis.get(binding.chassis!) : undefined;
    return { portId, up: chassis !== undefined, host: chassis?.hostname ?? null };
  }
}
