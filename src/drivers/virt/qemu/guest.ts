import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { GuestState, PowerState } from '#contracts/guest.ts';
import { conflict, notFound } from '#kit/errors/cloud-error.ts';
import { needingRoom } from '#kit/files/disk-full.ts';
import type { RunState } from '#protocols/qmp/commands.ts';

import { removeTree } from './files.ts';
import { type GuestPaths, guestPaths } from './layout.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { portsOf } from './nics.ts';
import type { Ending, GuestProcess } from './process.ts';

/** A guest as this driver holds it: what its manifest says, and its process if it has one. */
export class Guest {
  readonly id: string;
  readonly paths: GuestPaths;
  /** Set when a process was found that does not answer: it has to go before another may start. */
  stray = false;
  /** Set when it was paused on purpose while it waited for room on the disk, which QEMU does not tell apart. */
  held = false;
  readonly #changed: (guest: GuestState) => void;
  #manifest: Manifest | undefined;
  #process: GuestProcess | undefined;
  #ending: Ending = 'shutdown';
  /** Operations under way: what they change nobody has to be told. */
  #operations = 0;
  /** The state control believes in. */
  #told: PowerState | undefined;

  constructor(guests: string, id: string, changed: (guest: GuestState) => void) {
    this.id = id;
    this.paths = guestPaths(guests, id);
    this.#changed = changed;
  }

  /** Reads what an earlier driver left; answers whether the guest was ever completely made. */
  async load(): Promise<boolean> {
    this.#manifest = await readManifest(this.paths.manifest);
    return this.#manifest !== undefined;
  }

  /** Whether it was ever completely made. */
  get exists(): boolean {
    return this.#manifest !== undefined;
  }

  /** Throws `notFound` while the guest is not completely made. */
  get manifest(): Manifest {
    if (!this.#manifest) throw notFound(`Instance ${this.id} could not be found.`);
    return this.#manifest;
  }

  get process(): GuestProcess | undefined {
    return this.#process;
  }

  /** The guest's process. Throws `conflict` when it does not run. */
  running(wish: string): GuestProcess {
    if (this.#process) return this.#process;
    throw conflict(`guest ${this.id} is ${this.power}, cannot be ${wish}`);
  }

  get power(): PowerState {
    if (this.#process) return powerOf(this.#process.status);
    if (this.manifest.saved) return 'suspended';
    return this.#ending;
  }

  get state(): GuestState {
    return { id: this.id, power: this.power, ports: portsOf(this.manifest) };
  }

  /** Makes a change of what the guest is made of real. */
  async commit(change: Manifest | Partial<Manifest>): Promise<void> {
    const manifest = { ...this.#manifest, ...change } as Manifest;
    await writeManifest(this.paths.manifest, manifest);
    this.#manifest = manifest;
  }

  /** Takes a process in hand; when it ends, the guest is off. */
  hold(process: GuestProcess): void {
    this.#process = process;
    this.held = false;
    void process.ended.then((ending) => {
      if (this.#process !== process) return;
      this.#process = undefined;
      this.#ending = ending;
      this.check();
    });
  }

  /** Says how a process ended that ended while nobody watched. */
  foundEnded(ending: Ending): void {
    this.#ending = ending;
  }

  /** Does something to the guest, after which control believes it to be in the state `expected`. Says so when there is no room for it. */
  async during<T>(expected: PowerState | undefined, work: () => Promise<T>): Promise<T> {
    this.#operations++;
    try {
      await this.settle();
      const result = await needingRoom(`guest ${this.id}`, work);
      if (expected) this.#told = expected;
      return result;
    } finally {
      await this.settle();
      this.#operations--;
      this.check();
    }
  }

  /** Whether something is being done to it. */
  get busy(): boolean {
    return this.#operations > 0;
  }

  /** Waits until it is known whether the guest still runs, if there is doubt. */
  async settle(): Promise<void> {
    await this.#process?.settle();
  }

  /** What control is told by other means is not told again. */
  believed(): void {
    this.#told = this.power;
  }

  /** Tells of a state that control does not expect. */
  check(): void {
    if (this.#operations > 0 || !this.exists || this.power === this.#told) return;
    const first = this.#told === undefined;
    this.#told = this.power;
    if (!first) this.#changed(this.state);
  }

  /** A name for a new directory of disks or a saved state that none had before. */
  async newName(kind: 'disks' | 'rescue' | 'saved'): Promise<string> {
    const names = await readdir(this.paths.home);
    const numbers = names.map((name) => Number(/^(?:disks|rescue|saved)-(\d+)/.exec(name)?.[1] ?? 0));
    return `${kind}-${Math.max(0, ...numbers) + 1}`;
  }

  path(name: string): string {
    return join(this.paths.home, name);
  }

  /** Disks and states the manifest does not name: what a crash left behind. None is told of while something is under way. */
  async leftovers(): Promise<string[]> {
    return this.exists && this.#operations === 0 ? this.#unused() : [];
  }

  /** Removes disks and states the manifest does not name: what a crash or a change left behind. */
  async sweep(): Promise<void> {
    for (const name of await this.#unused()) await removeTree(this.path(name));
  }

  /** Forgets everything: its files are gone. */
  forget(): void {
    this.#manifest = undefined;
    this.#ending = 'shutdown';
    this.#told = undefined;
  }

  async #unused(): Promise<string[]> {
    const { disks, kept, rescue, saved } = this.manifest;
    const used = new Set([disks, kept, rescue, saved]);
    const names = await readdir(this.paths.home);
    return names.filter((name) => /^(disks|rescue|saved)-/.test(name) && !used.has(name));
  }
}

/** Nova's view of QEMU's run states. A guest that stopped for want of disk space goes on once there is some: paused. */
function powerOf(status: RunState): PowerState {
  switch (status) {
    case 'running':
      return 'running';
    case 'shutdown':
      return 'shutdown';
    case 'guest-panicked':
    case 'internal-error':
    case 'watchdog':
      return 'crashed';
    default:
      return 'paused';
  }
}
