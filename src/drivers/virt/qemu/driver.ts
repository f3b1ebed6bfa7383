import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type {
  Diagnostics,
  GuestHardware,
  GuestInterface,
  GuestSpec,
  GuestState,
  HostFacts,
} from '#contracts/guest.ts';
import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import type { ImageFiles, Plug, VirtDriver } from '../driver.ts';
import { adoptAll, guestIds } from './adopt.ts';
import { capabilities } from './capabilities.ts';
import { Cgroups } from './cgroups.ts';
import { emptyLog, openToGroup, readTail } from './console.ts';
import { diagnose } from './diagnostics.ts';
import { makeOwnDisks, makeRescueDisks, resizeDisks } from './disks.ts';
import { makeHome, removeTree } from './files.ts';
import type { GuestUser } from './guest-user.ts';
import { Guest } from './guest.ts';
import { hostFacts } from './host-facts.ts';
import { prepareHost } from './host-setup.ts';
import type { QemuHost } from './host.ts';
import { attachNic, detachNic } from './hotplug.ts';
import { kill, startRunning } from './launch.ts';
import type { Manifest } from './manifest.ts';
import { placeNics } from './nics.ts';
import { defaultQemuOptions, type QemuOptions } from './options.ts';
import { interrupt, pause, powerOff, softReboot, unpause } from './power.ts';
import { findProcesses } from './process.ts';
import { discard, resume, suspend } from './saved-state.ts';
import { snapshotPath, takeSnapshot } from './snapshot.ts';
import { Upkeep } from './upkeep.ts';
import { requireUuid, validateInterface, validateSpec } from './validate.ts';

/** What the driver is made of. */
export interface QemuDriverParts {
  /** Absolute path; guests are kept below it. The guest user must be able to pass through to it. */
  readonly directory: string;
  /** The account guests run as. May be left out only by a process that is not root's: guests then run as its own. */
  readonly guestUser?: GuestUser | undefined;
  /** The group whose members may connect to guests' consoles. */
  readonly consoleGid?: number | undefined;
  readonly options?: QemuOptions;
  readonly log: Logger;
}

/** Runs guests as QEMU processes that belong to nobody: they outlive the agent, which finds them again. */
export class QemuDriver implements VirtDriver {
  readonly name = 'qemu';
  readonly runsOnImages = true;
  readonly #host: QemuHost;
  readonly #guests = new Map<string, Guest>();
  readonly #listeners: ((guest: GuestState) => void)[] = [];
  readonly #upkeep: Upkeep;

  private constructor(host: QemuHost) {
    this.#host = host;
    this.#upkeep = new Upkeep(host, () => this.#guests.values());
  }

  /**
   * Finds out what this host can do. Throws when guests could not be kept where they should, when they would run as root,
   * or when KVM was asked for and does not work.
   */
  static async open(parts: QemuDriverParts): Promise<QemuDriver> {
    const { directory, guestUser: user, consoleGid, log, options = defaultQemuOptions } = parts;
    const guests = join(directory, 'guests');
    await mkdir(directory, { recursive: true, mode: 0o711 });
    await makeHome(guests);
    await prepareHost(guests, user, log);
    return new QemuDriver({
      guests,
      user,
      consoleGid,
      options,
      capabilities: await capabilities(directory, options.acceleration, user, log),
      cgroups: await Cgroups.open(guests, log),
      log,
    });
  }

  host(): Promise<HostFacts> {
    return hostFacts(this.#host.guests, this.#host.capabilities);
  }

  async adopt(): Promise<GuestState[]> {
    for (const id of await guestIds(this.#host))
      if (!this.#guests.has(id)) this.#guests.set(id, this.#newGuest(id));
    await adoptAll(
      this.#host,
      [...this.#guests.values()].filter(({ process }) => !process),
    );
    return this.list();
  }

  async list(): Promise<GuestState[]> {
    return [...this.#guests.values()].filter(({ exists }) => exists).map(({ state }) => state);
  }

  async create(spec: GuestSpec, images: ImageFiles, plugs: readonly Plug[]): Promise<void> {
    validateSpec(spec);
    const guest = this.#guests.get(spec.id) ?? this.#newGuest(spec.id);
    this.#guests.set(spec.id, guest);
    await guest.settle();
    if (guest.process && isSame(guest.manifest.spec, spec)) return;
    await guest.during('running', async () => {
      await makeHome(guest.paths.home);
      const old = guest.exists ? guest.manifest : undefined;
      if (guest.process) await powerOff(this.#host, guest, 0);
      const keep = old && hasSameDisks(old.spec, spec);
      const disks = keep ? old.disks : await guest.newName('disks');
      if (!keep) await makeOwnDisks(guest.path(disks), spec, { user: this.#host.user, images });
      const machine = this.#machine(spec);
      const none = { kept: null, rescue: null, saved: null };
      const nics = placeNics(spec.interfaces, old?.nics ?? [], plugs, spec.hardware.vifModel, machine);
      await startRunning(this.#host, guest, { ...none, spec: withoutSecrets(spec), machine, disks, nics });
    });
  }

  async destroy(id: string): Promise<void> {
    requireUuid(id, 'guest id');
    const guest = this.#guests.get(id) ?? this.#newGuest(id);
    await guest.during(undefined, async () => {
      await kill(this.#host, guest);
      await removeTree(guest.paths.home);
      guest.forget();
      this.#guests.delete(id);
    });
  }

  async start(spec: GuestSpec, images: ImageFiles, plugs: readonly Plug[]): Promise<void> {
    validateSpec(spec);
    const guest = this.#guest(spec.id);
    await guest.settle();
    const goesOn = guest.process && guest.process.status !== 'shutdown';
    if (goesOn && isSame(guest.manifest.spec, spec)) return;
    await guest.during('running', async () => {
      if (guest.process) await powerOff(this.#host, guest, 0);
      const { manifest } = guest;
      await discard(guest);
      const rescue = await this.#rescue(guest, spec, images);
      const nics = placeNics(spec.interfaces, manifest.nics, plugs, spec.hardware.vifModel, manifest.machine);
      await startRunning(this.#host, guest, { spec: withoutSecrets(spec), rescue, nics });
      await guest.sweep();
    });
  }

  async stop(id: string, timeoutMs: number): Promise<void> {
    const guest = this.#guest(id);
    await guest.during('shutdown', async () => {
      await powerOff(this.#host, guest, timeoutMs);
      await discard(guest);
    });
  }

  async softReboot(id: string, timeoutMs: number): Promise<boolean> {
    const guest = this.#guest(id);
    return guest.during(undefined, () => softReboot(guest, timeoutMs));
  }

  async pause(id: string): Promise<void> {
    const guest = this.#guest(id);
    await guest.during('paused', () => pause(guest));
  }

  async unpause(id: string): Promise<void> {
    const guest = this.#guest(id);
    await guest.during('running', () => unpause(guest));
  }

  async interrupt(id: string): Promise<void> {
    const guest = this.#guest(id);
    await guest.during(undefined, () => interrupt(guest));
  }

  async suspend(id: string): Promise<void> {
    const guest = this.#guest(id);
    await guest.during('suspended', () => suspend(this.#host, guest));
  }

  async resume(spec: GuestSpec, plugs: readonly Plug[]): Promise<void> {
    const guest = this.#guest(spec.id);
    await guest.during('running', async () => {
      const taps = new Map(plugs.map(({ portId, tap }) => [portId, tap]));
      const nics = guest.manifest.nics.map((nic) => ({ ...nic, tap: taps.get(nic.portId) ?? nic.tap }));
      await resume(this.#host, guest, { nics });
    });
  }

  async rebuild(spec: GuestSpec, images: ImageFiles): Promise<void> {
    validateSpec(spec);
    const guest = this.#stopped(spec.id, 'rebuilt');
    await guest.during('shutdown', async () => {
      const disks = await guest.newName('disks');
      await makeOwnDisks(guest.path(disks), spec, { user: this.#host.user, images });
      const machine = this.#machine(spec);
      await guest.commit({ spec: withoutSecrets(spec), machine, disks, rescue: null, saved: null });
      await guest.sweep();
      await emptyLog(guest.paths.consoleLog);
    });
  }

  async resize(spec: GuestSpec): Promise<void> {
    validateSpec(spec);
    const guest = this.#stopped(spec.id, 'resized');
    const { disks: kept, kept: before, spec: old } = guest.manifest;
    if (before && isSame(old, spec)) return;
    if (before) throw conflict(`guest ${spec.id} has a resize that is neither confirmed nor reverted`);
    await guest.during('shutdown', async () => {
      const disks = await guest.newName('disks');
      await resizeDisks(guest.path(kept), guest.path(disks), spec, this.#host.user);
      await guest.commit({ spec: withoutSecrets(spec), disks, kept });
    });
  }

  async confirmResize(id: string): Promise<void> {
    const guest = this.#guest(id);
    if (guest.manifest.kept) await guest.commit({ kept: null });
    await guest.sweep();
  }

  async revertResize(spec: GuestSpec): Promise<void> {
    validateSpec(spec);
    const guest = this.#stopped(spec.id, 'reverted');
    const { kept } = guest.manifest;
    await guest.commit({ spec: withoutSecrets(spec), ...(kept && { disks: kept, kept: null }) });
    await guest.sweep();
  }

  async snapshot(id: string, snapshotId: string): Promise<{ path: string; format: string }> {
    requireUuid(snapshotId, 'snapshot id');
    const guest = this.#guest(id);
    const path = await guest.during(undefined, () => takeSnapshot(this.#host, guest, snapshotId));
    return { path, format: 'qcow2' };
  }

  async discardSnapshot(id: string, snapshotId: string): Promise<void> {
    requireUuid(snapshotId, 'snapshot id');
    const guest = this.#guests.get(id);
    if (guest) await rm(snapshotPath(guest, snapshotId), { force: true });
  }

  async attachInterface(
    id: string,
    nic: GuestInterface,
    plug: Plug,
    model: GuestHardware['vifModel'],
  ): Promise<void> {
    validateInterface(nic);
    const guest = this.#guest(id);
    await guest.during(undefined, () => attachNic(guest, nic, plug, model));
  }

  async detachInterface(id: string, portId: string): Promise<void> {
    requireUuid(portId, 'port id');
    const guest = this.#guest(id);
    await guest.during(undefined, () => detachNic(guest, portId));
  }

  async consoleLog(id: string, maxBytes: number): Promise<string> {
    return readTail(this.#guest(id).paths.consoleLog, maxBytes);
  }

  async consoleSocket(id: string, kind: 'vnc' | 'serial'): Promise<string> {
    const guest = this.#guest(id);
    guest.running('shown on a console');
    const { user, consoleGid } = this.#host;
    if (kind === 'vnc' && guest.manifest.spec.hardware.videoModel === 'none')
      throw badRequest(`guest ${id} has no screen`);
    const path = guest.paths[kind];
    if (user && consoleGid !== undefined) await openToGroup(path, user, consoleGid);
    return path;
  }

  async diagnostics(id: string): Promise<Diagnostics> {
    return diagnose(this.#guest(id));
  }

  onChange(listener: (guest: GuestState) => void): void {
    this.#listeners.push(listener);
  }

  async orphans(known: readonly string[]): Promise<string[]> {
    const { guests, user, cgroups } = this.#host;
    const processes = await findProcesses(guests, user?.uid ?? process.getuid!());
    const owners = new Set(known);
    const found = new Set([...(await guestIds(this.#host)), ...processes.keys(), ...(await cgroups.ids())]);
    const leftovers = [...this.#guests.values()]
      .filter(({ id }) => owners.has(id))
      .map(async (guest) => (await guest.leftovers()).map((name) => `leftover ${guest.id}/${name}`));
    return [
      ...[...found].filter((id) => !owners.has(id)).map((id) => `guest ${id}`),
      ...(await Promise.all(leftovers)).flat(),
    ];
  }

  async removeOrphan(name: string): Promise<void> {
    const [, kind, id] = /^(guest|leftover) ([0-9a-f-]+)(?:\/.*)?$/.exec(name) ?? [];
    if (kind === 'guest') await this.destroy(id!);
    else if (kind === 'leftover') await this.#tidyUp(id!);
    else throw notFound(`${JSON.stringify(name)} is not the name of an orphan`);
  }

  async close(): Promise<void> {
    await this.#upkeep.stop();
    for (const guest of this.#guests.values()) guest.process?.detach();
  }

  /** Removes what a guest does not use, unless something is under way with it. */
  async #tidyUp(id: string): Promise<void> {
    const guest = this.#guest(id);
    if ((await guest.leftovers()).length > 0) await guest.during(undefined, () => guest.sweep());
  }

  #newGuest(id: string): Guest {
    return new Guest(this.#host.guests, id, (state) => {
      for (const listener of this.#listeners) listener(state);
    });
  }

  #guest(id: string): Guest {
    const guest = this.#guests.get(id);
    if (!guest?.exists) throw notFound(`Instance ${id} could not be found.`);
    return guest;
  }

  #stopped(id: string, wish: string): Guest {
    const guest = this.#guest(id);
    if (guest.process) throw conflict(`guest ${id} is ${guest.power}, cannot be ${wish}`);
    return guest;
  }

  /** The disks to rescue a guest with, made if it has none of that image; null when it is not to be rescued. */
  async #rescue(guest: Guest, spec: GuestSpec, images: ImageFiles): Promise<string | null> {
    const { rescue, spec: old } = guest.manifest;
    if (!spec.rescue) return null;
    if (rescue && old.rescue?.id === spec.rescue.id) return rescue;
    const name = await guest.newName('rescue');
    await makeRescueDisks(guest.path(name), spec, { user: this.#host.user, images });
    return name;
  }

  /** The versioned machine type of a new guest. Throws `badRequest` for one that is not a PC of this QEMU. */
  #machine({ hardware }: GuestSpec): string {
    const name = hardware.machine ?? 'q35';
    const machine = this.#host.capabilities.machines[name];
    if (machine && /^pc-(q35|i440fx)-/.test(machine)) return machine;
    throw badRequest(`machine type ${name} cannot be had on this host`);
  }
}

/** What a manifest keeps of a spec: the config drive is on its disk already. */
function withoutSecrets(spec: GuestSpec): Manifest['spec'] {
  const { configDrive: _, ...rest } = spec;
  return rest;
}

/** Whether a guest made from one spec is what the other asks for; the order of interfaces does not count. */
function isSame(a: Manifest['spec'], b: GuestSpec): boolean {
  return isDeepStrictEqual(comparable(a), comparable(withoutSecrets(b)));
}

function comparable({ interfaces, ...spec }: Manifest['spec']): unknown {
  // what has been through a file has no undefined
  return JSON.parse(JSON.stringify({ ...spec, ports: interfaces.map(({ portId }) => portId).sort() }));
}

const hasSameDisks = (a: Manifest['spec'], b: GuestSpec): boolean => {
  const disksOf = ({ image, kernel, ramdisk, rootGb, ephemeralGb, swapMb }: Manifest['spec']) =>
    JSON.stringify([image.id, kernel?.id ?? null, ramdisk?.id ?? null, rootGb, ephemeralGb, swapMb]);
  return disksOf(a) === disksOf(b);
};
