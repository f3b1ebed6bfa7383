import { setTimeout as sleep } from 'node:timers/promises';

import { conflict, isKind, unavailable } from '#kit/errors/cloud-error.ts';
import { OvsdbClient } from '#protocols/ovsdb/client.ts';
import type { TextMap } from '#protocols/ovsdb/columns.ts';

import { derivedUuid } from './names.ts';
import { integrationBridge, type Vswitch, type VswitchChange, vswitch } from './vswitch.ts';

/** A database that is being restarted comes back within this time. */
const contactMs = 5_000;
/** A switch that is being restarted comes back within this time. */
const wiringMs = 10_000;
const lettingGoMs = 3_000;
const pollMs = 5;

/** A device on the integration bridge. */
export interface VswitchPort {
  /** What the rows' UUIDs come from: the logical port's id. */
  readonly id: string;
  readonly device: string;
  readonly mac: string;
  /** Which of our objects it belongs to, as a key and id of `external_ids`. */
  readonly owner: readonly [key: string, id: string];
}

/** Devices plugged into the integration bridge. */
export class VswitchPorts {
  readonly #client: Vswitch;

  /** `remote` is the local switch's database. */
  constructor(remote: string) {
    this.#client = new OvsdbClient(remote, vswitch);
  }

  /**
   * Plugs a device in for a logical port and waits until the switch has it. Throws `unavailable` when that takes too
   * long; the switch will have it later then.
   */
  async add({ id, device, mac, owner: [key, value] }: VswitchPort): Promise<void> {
    await this.#change((change) => {
      const bridge = this.#bridge();
      change.put('Interface', interfaceUuid(id), {
        name: device,
        type: '',
        external_ids: { 'iface-id': id, 'attached-mac': mac, 'iface-status': 'active', [key]: value },
      });
      change.put('Port', portUuid(id), { name: device, interfaces: [interfaceUuid(id)] });
      change.include('Bridge', bridge, 'ports', portUuid(id));
    });
    await this.#wired(id);
  }

  /**
   * Unplugs a logical port's device and waits until the switch has let go of it: should a device of the same name be
   * plugged in before, the switch would not see that it is another and go on listening to the old one. Tolerates absence.
   */
  async remove(id: string): Promise<void> {
    let known = false;
    await this.#change((change) => {
      known ||= this.#client.tables.Port.get(portUuid(id)) !== undefined;
      change.excludeAnywhere('Bridge', 'ports', portUuid(id));
    });
    if (known) await this.#followed();
  }

  /** `external_ids` of every interface, ours or not. */
  async interfaces(): Promise<{ device: string; ids: TextMap }[]> {
    if (!this.#client.synced) await this.#client.ready(contactMs);
    return [...this.#client.tables.Interface.rows()].map((row) => ({
      device: row.name,
      ids: row.external_ids,
    }));
  }

  close(): void {
    this.#client.close();
  }

  #change(declare: (change: VswitchChange) => void): Promise<void> {
    return this.#insist(() => this.#client.change(declare));
  }

  /** Does it again when the database was just being restarted. Throws `unavailable` when that stays away. */
  async #insist(work: () => Promise<void>): Promise<void> {
    for (const deadline = Date.now() + contactMs; ; await sleep(pollMs)) {
      try {
        await this.#client.ready(Math.max(0, deadline - Date.now()));
        return await work();
      } catch (error) {
        if (!isKind(error, 'unavailable') || Date.now() >= deadline) throw error;
      }
    }
  }

  #bridge(): string {
    const bridge = this.#client.tables.Bridge.find(({ name }) => name === integrationBridge);
    if (!bridge) throw unavailable(`the switch has no bridge ${integrationBridge} yet`);
    return bridge._uuid;
  }

  /** Waits until the switch has followed every change so far. One that is being restarted opens all devices anew anyway. */
  async #followed(): Promise<void> {
    const root = () => this.#client.tables.Open_vSwitch.rows().next().value;
    await this.#insist(() => this.#client.increment('Open_vSwitch', 'next_cfg'));
    const target = root()?.next_cfg ?? 0;
    for (const deadline = Date.now() + lettingGoMs; Date.now() < deadline; await sleep(pollMs))
      if ((root()?.cur_cfg ?? 0) >= target) return;
  }

  /** An error the switch notes may be about a device that was missing before: only one that stays counts. */
  async #wired(id: string): Promise<void> {
    const row = () => this.#client.tables.Interface.get(interfaceUuid(id));
    for (const deadline = Date.now() + wiringMs; Date.now() < deadline; await sleep(pollMs)) {
      const now = row();
      if (!now) throw conflict(`port ${id} was unplugged while it was plugged in`);
      if (now.ofport !== null && now.ofport > 0 && now.error === null) return;
    }
    throw unavailable(`the switch does not take port ${id}: ${row()?.error ?? 'no answer'}`);
  }
}

const interfaceUuid = (id: string): string => derivedUuid('interface', id);
const portUuid = (id: string): string => derivedUuid('switch port', id);
