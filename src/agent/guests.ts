import type { GuestHardware, GuestInterface, GuestSpec, GuestState } from '#contracts/guest.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import type { ImageFiles, Plug, VirtDriver } from '#drivers/virt/driver.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import { Serial } from './serial.ts';
import type { Specs } from './specs.ts';

/** What {@link Guests} works with. */
export interface GuestsParts {
  readonly virt: VirtDriver;
  readonly net: NetHost;
  readonly images: ImageFiles;
  readonly specs: Specs;
  /** Who may open the taps: the account guests run as; null when guests are simulated or run as ourselves. */
  readonly guestUid: number | null;
  /** Called when ports were plugged in; when they go, control says so once it has let go of them. */
  readonly plugged: () => void;
  readonly log: Logger;
}

/**
 * What is done with guests on this host: the hypervisor's part and the network's part of each operation, in the right
 * order. Operations on one guest wait for each other; all of them may be repeated.
 */
export class Guests {
  readonly #parts: GuestsParts;
  readonly #serial = new Serial();
  /** Guests in the middle of something that takes long and that pulling the plug ends: who deletes them does not wait for it. */
  readonly #busy = new Set<string>();

  constructor(parts: GuestsParts) {
    this.#parts = parts;
  }

  /** Takes guests in hand that outlived the last agent, and wires again those that run. */
  async adopt(): Promise<void> {
    const { virt, specs, log } = this.#parts;
    for (const guest of await virt.adopt()) {
      const spec = specs.get(guest.id);
      if (!spec || (guest.power !== 'running' && guest.power !== 'paused')) continue;
      await this.#plug(spec.interfaces).catch((error: unknown) =>
        log.error({ err: error, guest: guest.id }, `wiring again failed: ${messageOf(error)}`),
      );
    }
  }

  list(): Promise<GuestState[]> {
    return this.#parts.virt.list();
  }

  create(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt, images }) =>
      virt.create(spec, images, await this.#wire(spec)),
    );
  }

  start(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt, images }) =>
      virt.start(spec, images, await this.#wire(spec)),
    );
  }

  resume(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt }) => virt.resume(spec, await this.#wire(spec)));
  }

  /** Removes a guest and its wiring, also the wiring only control knows of. Tolerates absence. */
  async destroy(id: string, ports: readonly string[]): Promise<void> {
    if (this.#busy.has(id)) await this.#parts.virt.stop(id, 0).catch(() => {});
    await this.#exclusively(id, async ({ virt, specs }) => {
      await virt.destroy(id);
      const known = specs.get(id)?.interfaces.map((nic) => nic.portId) ?? [];
      await this.#unplug([...known, ...ports]);
      await specs.remove(id);
    });
  }

  stop(id: string, timeoutMs: number): Promise<void> {
    return this.#interruptibly(id, ({ virt }) => virt.stop(id, timeoutMs));
  }

  softReboot(id: string, timeoutMs: number): Promise<boolean> {
    return this.#interruptibly(id, ({ virt }) => virt.softReboot(id, timeoutMs));
  }

  pause(id: string): Promise<void> {
    return this.#exclusively(id, ({ virt }) => virt.pause(id));
  }

  unpause(id: string): Promise<void> {
    return this.#exclusively(id, ({ virt }) => virt.unpause(id));
  }

  interrupt(id: string): Promise<void> {
    return this.#exclusively(id, ({ virt }) => virt.interrupt(id));
  }

  suspend(id: string): Promise<void> {
    return this.#interruptibly(id, ({ virt }) => virt.suspend(id));
  }

  rebuild(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt, images, specs }) => {
      await specs.put(spec);
      await virt.rebuild(spec, images);
    });
  }

  resize(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt, specs }) => {
      await specs.put(spec);
      await virt.resize(spec);
    });
  }

  confirmResize(id: string): Promise<void> {
    return this.#exclusively(id, ({ virt }) => virt.confirmResize(id));
  }

  revertResize(spec: GuestSpec): Promise<void> {
    return this.#exclusively(spec.id, async ({ virt, specs }) => {
      await specs.put(spec);
      await virt.revertResize(spec);
    });
  }

  /** Writes the root disk into a file; the caller discards it. */
  snapshot(id: string, snapshotId: string): Promise<{ path: string; format: string }> {
    return this.#interruptibly(id, ({ virt }) => virt.snapshot(id, snapshotId));
  }

  attachInterface(id: string, nic: GuestInterface, model: GuestHardware['vifModel']): Promise<void> {
    return this.#exclusively(id, async ({ virt, specs }) => {
      const spec = specs.get(id);
      if (spec) await specs.put({ ...spec, interfaces: [...others(spec.interfaces, nic.portId), nic] });
      const [plug] = await this.#plug([nic]);
      await virt.attachInterface(id, nic, plug!, model);
    });
  }

  /** Takes an interface away from a guest. Tolerates absence. */
  detachInterface(id: string, portId: string): Promise<void> {
    return this.#exclusively(id, async ({ virt, specs }) => {
      await virt.detachInterface(id, portId);
      await this.#unplug([portId]);
      const spec = specs.get(id);
      if (spec) await specs.put({ ...spec, interfaces: others(spec.interfaces, portId) });
    });
  }

  /** Waits for what is under way. */
  idle(): Promise<void> {
    return this.#serial.idle();
  }

  #exclusively<T>(id: string, work: (parts: GuestsParts) => Promise<T>): Promise<T> {
    return this.#serial.run(id, () => work(this.#parts));
  }

  #interruptibly<T>(id: string, work: (parts: GuestsParts) => Promise<T>): Promise<T> {
    return this.#exclusively(id, async (parts) => {
      this.#busy.add(id);
      try {
        return await work(parts);
      } finally {
        this.#busy.delete(id);
      }
    });
  }

  /** Makes the wiring of a guest that is about to run as its spec says, and takes away what the last spec had beyond it. */
  async #wire(spec: GuestSpec): Promise<Plug[]> {
    const { specs } = this.#parts;
    const before = specs.get(spec.id)?.interfaces ?? [];
    const wanted = new Set(spec.interfaces.map((nic) => nic.portId));
    const dropped = before.map((nic) => nic.portId).filter((port) => !wanted.has(port));
    // what is dropped stays on record until it is gone
    if (dropped.length > 0) await this.#unplug(dropped);
    await specs.put(spec);
    return this.#plug(spec.interfaces);
  }

  async #plug(interfaces: readonly GuestInterface[]): Promise<Plug[]> {
    const { net, guestUid, plugged } = this.#parts;
    const plugs = await Promise.all(
      interfaces.map(async ({ portId, mac, mtu }) => ({
        portId,
        ...(await net.plug({ portId, mac, mtu, guestUid })),
      })),
    );
    plugged();
    return plugs;
  }

  async #unplug(ports: readonly string[]): Promise<void> {
    await Promise.all([...new Set(ports)].map((port) => this.#parts.net.unplug(port)));
  }
}

const others = (interfaces: readonly GuestInterface[], portId: string): GuestInterface[] =>
  interfaces.filter((nic) => nic.portId !== portId);
