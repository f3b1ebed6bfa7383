import type { NetAgent } from '../driver.ts';
import type { Liveness } from './liveness.ts';
import type { ChassisRow, Southbound } from './southbound.ts';

/** Hypervisors as OVN has them: each ovn-controller adds the row of its own. */
export type ChassisList = readonly ChassisRow[];

/** Chassis announce their settings in `other_config`, older ones in `external_ids`. */
const settingOf = (chassis: ChassisRow, key: string): string =>
  chassis.other_config[key] ?? chassis.external_ids[key] ?? '';

/** Physical networks a chassis is connected to, from its `physnet:bridge,…`. */
export const physicalNetworksOf = (chassis: ChassisRow): string[] =>
  settingOf(chassis, 'ovn-bridge-mappings')
    .split(',')
    .map((mapping) => mapping.split(':')[0]!.trim())
    .filter((name) => name !== '');

/** Whether gateways are meant to be put on this chassis. */
export const isGatewayChassis = (chassis: ChassisRow): boolean =>
  settingOf(chassis, 'ovn-cms-options').split(',').includes('enable-chassis-as-gw');

/** The hypervisors there are, and which port is up on which. */
export class Hypervisors {
  readonly #southbound: Southbound;
  readonly #liveness: Liveness;
  /** UUID of the chassis each port is up on. */
  readonly #chassisOf = new Map<string, string>();

  /** `changed` is told when a hypervisor comes, goes or changes, and, where there are several, when a port moves. */
  constructor(southbound: Southbound, liveness: Liveness, changed: () => void) {
    this.#southbound = southbound;
    this.#liveness = liveness;
    southbound.onChange('Chassis', changed);
    southbound.onChange('Port_Binding', ({ before, after }) => {
      const port = (after ?? before)!.logical_port;
      const chassis = after?.up ? after.chassis : null;
      if ((this.#chassisOf.get(port) ?? null) === chassis) return;
      if (chassis) this.#chassisOf.set(port, chassis);
      else this.#chassisOf.delete(port);
      if (this.#all.length > 1) changed();
    });
  }

  /**
   * Those that live; all, when none seems to: then it is rather the way they tell us that is broken. OVN itself moves a
   * gateway away from a dead chassis only while it hears from a third.
   */
  get living(): ChassisList {
    const living = this.#all.filter(({ name }) => this.#liveness.isAlive(name));
    return living.length > 0 ? living : this.#all;
  }

  /** As the network service shows them. */
  agents(): NetAgent[] {
    return this.#all.map((chassis) => ({
      id: chassis.name,
      host: chassis.hostname,
      alive: this.#liveness.isAlive(chassis.name),
      lastSeen: this.#liveness.lastSeen(chassis.name),
      physicalNetworks: physicalNetworksOf(chassis),
      gateway: isGatewayChassis(chassis),
    }));
  }

  /** Whether a port is up on a hypervisor that reaches a physical network itself, and not the only one. */
  reaches(port: string, physicalNetwork: string): boolean {
    const chassis = this.#southbound.tables.Chassis.get(this.#chassisOf.get(port) ?? '');
    return (
      chassis !== undefined && this.#all.length > 1 && physicalNetworksOf(chassis).includes(physicalNetwork)
    );
  }

  get #all(): ChassisList {
    return [...this.#southbound.tables.Chassis.rows()];
  }
}
