import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GuestSpec, GuestState, HostFacts, PowerState } from '#contracts/guest.ts';
import { notFound } from '#kit/errors/cloud-error.ts';

/** A simulated guest: what a real host would hold as a process and its disks. */
export interface SimGuest {
  spec: GuestSpec;
  power: PowerState;
  ports: string[];
  /** What a resize kept for its revert. */
  kept: GuestSpec | null;
  console: string;
  startedAt: number;
}

/** The operations tests may interfere with. */
export type SimOperation =
  | 'create'
  | 'destroy'
  | 'start'
  | 'stop'
  | 'reboot'
  | 'pause'
  | 'unpause'
  | 'interrupt'
  | 'suspend'
  | 'resume'
  | 'rebuild'
  | 'resize'
  | 'confirmResize'
  | 'revertResize'
  | 'snapshot'
  | 'attach'
  | 'detach';

/** What the simulated host is like; sizes left out are those of a large machine: 64 CPUs, 256 GiB, 8 TiB. */
export interface SimHypervisorOptions {
  /** The host's name. */
  readonly name: string;
  /** Where guests are kept, so that they outlive the process as real ones do; left out: in memory. */
  readonly directory?: string;
  readonly vcpus?: number;
  readonly memoryMb?: number;
  readonly diskGb?: number;
  /** Called before each operation; may wait, or throw to make it fail. */
  readonly before?: (operation: SimOperation, guestId: string) => void | Promise<void>;
}

/**
 * A simulated hypervisor host. It stands for the machine, not for the agent on it: it lives on when an agent is killed and
 * is handed to the agent's next driver.
 */
export class SimHypervisor {
  readonly options: SimHypervisorOptions;
  readonly guests = new Map<string, SimGuest>();
  readonly #listeners = new Set<(guest: GuestState) => void>();
  readonly #bootedAt = Date.now();
  #scratch = tmpdir();

  constructor(options: SimHypervisorOptions) {
    this.options = options;
    if (options.directory !== undefined) this.#load(options.directory);
  }

  get name(): string {
    return this.options.name;
  }

  facts(): HostFacts {
    const { vcpus = 64, memoryMb = 262_144, diskGb = 8192 } = this.options;
    const guests = [...this.guests.values()];
    const used = guests.reduce((sum, g) => sum + (g.power === 'running' ? g.spec.memoryMb : 0), 0);
    const disk = guests.reduce((sum, g) => sum + g.spec.rootGb, 0);
    return {
      hypervisorType: 'sim',
      hypervisorVersion: 1_000_000,
      vcpus,
      memoryMb,
      memoryUsedMb: 512 + used,
      diskGb,
      diskFreeGb: Math.max(0, diskGb - disk),
      architecture: 'x86_64',
      cpu: {
        arch: 'x86_64',
        model: 'sim',
        vendor: 'Stratalith',
        features: ['sse4.2', 'avx', 'avx2'],
        topology: { cells: 1, sockets: 1, cores: vcpus, threads: 1 },
      },
      acceleration: 'none',
      traits: ['COMPUTE_NODE', 'HW_CPU_X86_SSE42', 'HW_CPU_X86_AVX', 'HW_CPU_X86_AVX2'],
      uptime: uptimeLine(Date.now() - this.#bootedAt, guests.length),
    };
  }

  /** A directory for files that pass, such as snapshots on their way to the image service. */
  get scratch(): string {
    return this.#scratch;
  }

  /** A guest of this host; throws `notFound`. */
  guest(id: string): SimGuest {
    const found = this.guests.get(id);
    if (!found) throw notFound(`Instance ${id} could not be found.`);
    return found;
  }

  /** Adds a guest, or notes that one changed. */
  save(guest: SimGuest): void {
    this.guests.set(guest.spec.id, guest);
    const { directory } = this.options;
    if (directory === undefined) return;
    const file = join(directory, `${guest.spec.id}.json`);
    // whole or not at all, should the process be killed
    writeFileSync(`${file}.new`, JSON.stringify(guest), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  remove(id: string): void {
    this.guests.delete(id);
    const { directory } = this.options;
    if (directory !== undefined) rmSync(join(directory, `${id}.json`), { force: true });
  }

  /** Lets a guest change state by itself, as if shut down from inside, crashed or killed. */
  changeByItself(id: string, power: PowerState): void {
    const guest = this.guest(id);
    guest.power = power;
    this.save(guest);
    for (const listener of this.#listeners) listener(stateOf(guest));
  }

  listen(listener: (guest: GuestState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #load(directory: string): void {
    this.#scratch = join(directory, 'scratch');
    // nobody waits any more for what is in there
    rmSync(this.#scratch, { recursive: true, force: true });
    mkdirSync(this.#scratch, { recursive: true, mode: 0o700 });
    const files = readdirSync(directory);
    for (const file of files.filter((name) => name.endsWith('.new'))) rmSync(join(directory, file));
    for (const file of files.filter((name) => name.endsWith('.json'))) {
      const guest = JSON.parse(readFileSync(join(directory, file), 'utf8')) as SimGuest;
      this.guests.set(guest.spec.id, guest);
    }
  }
}

/** A simulated guest as the agent reports it. */
export const stateOf = (guest: SimGuest): GuestState => ({
  id: guest.spec.id,
  power: guest.power,
  ports: guest.ports,
});

/** What `uptime` prints, which is what Nova shows of a hypervisor. */
function uptimeLine(ms: number, guests: number): string {
  const minutes = Math.floor(ms / 60_000);
  const clock = new Date().toISOString().slice(11, 19);
  return ` ${clock} up ${minutes} min,  0 users,  load average: 0.00, 0.00, 0.${String(guests % 100).padStart(2, '0')}`;
}
