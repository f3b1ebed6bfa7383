import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Logger } from '../log/log.ts';
import { endProcess, isAlive, type ProcessId, processId } from './proc.ts';

/** A process to keep running. */
export interface ChildSpec {
  /** Unique, e.g. `control`. */
  readonly name: string;
  /** Absolute path of the program, then its arguments. */
  readonly argv: readonly string[];
  /** Its whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Whom it runs as; left out, whoever runs the supervisor. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** Absolute path of the file its output is appended to. */
  readonly log: string;
  /** Runs before every start. */
  readonly prepare?: (() => Promise<void> | void) | undefined;
  /** Whether it does its work by now. The next process starts when this says so, or after `readyTimeoutMs`. */
  readonly ready?: (() => Promise<boolean> | boolean) | undefined;
  readonly readyTimeoutMs?: number;
  /** How it is asked to end (default SIGTERM), and how long it may take (default 10 s) before it is killed. */
  readonly stopSignal?: NodeJS.Signals;
  readonly stopTimeoutMs?: number;
}

/** A process as the state file tells of it. */
export interface ChildState {
  readonly name: string;
  readonly id: ProcessId | null;
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
  /** When it was started, or could not be, in milliseconds since the epoch. */
  readonly since: number;
  readonly restarts: number;
  /** How often in a row it ended soon after it was started, or could not be started at all. */
  readonly failures: number;
  /** How it ended last: `exit 1`, `SIGKILL`; null while it has never ended. */
  readonly lastEnd: string | null;
  readonly log: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
}

/** What a supervisor looks after, and where it notes that. */
export interface SupervisorOptions {
  /** In the order they start; they stop in the opposite one. */
  readonly children: readonly ChildSpec[];
  /** Absolute path of the file that tells whoever comes after a crash what runs. */
  readonly stateFile: string;
  readonly log: Logger;
  /**
   * Whether it still is the one that looks after these processes. Once this says no, as when somebody removed the
   * directory and another cloud was started in its place, it ends what it runs and notes nothing more.
   */
  readonly inCharge?: () => boolean;
  /** Called when everything was ended since it is not in charge any more. */
  readonly onDismissed?: () => void;
  /** A log file that grows beyond this many bytes is set aside once as `.1`. */
  readonly maxLogBytes?: number;
  readonly rotateEveryMs?: number;
}

/** Reads a state file; empty when there is none. */
export function readState(stateFile: string): readonly ChildState[] {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8')) as ChildState[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Ends what a state file names, last started first, without a supervisor. Answers the names of those that ran. */
export async function stopAll(stateFile: string): Promise<string[]> {
  const running = readState(stateFile).filter(({ id }) => id && isAlive(id));
  for (const child of running.toReversed())
    await endProcess(child.id!, child.stopSignal, child.stopTimeoutMs);
  return running.map(({ name }) => name);
}

const pollMs = 250;
const livedLongMs = 10_000;
/** How often it looks whether it still is in charge. */
const lookEveryMs = 1000;

/**
 * Keeps processes running: starts them in order, restarts whichever ends, stops them in the opposite order. They belong
 * to sessions of their own and write to files, so they live on when the supervisor itself is killed; the next one takes
 * over those the state file names.
 */
export class Supervisor {
  readonly #children: readonly Child[];
  readonly #options: SupervisorOptions;
  #rotation: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const before = new Map(readState(options.stateFile).map((state) => [state.name, state]));
    this.#children = options.children.map(
      (spec) => new Child(spec, before.get(spec.name), options.log, () => this.#save()),
    );
  }

  /** What every process is doing now. */
  get state(): readonly ChildState[] {
    return this.#children.map((child) => child.state);
  }

  /** Starts or takes over every process, in order; resolves when the last is ready or had its time. */
  async start(): Promise<void> {
    await this.#endStrangers();
    this.#rotation = setInterval(() => this.#rotateLogs(), this.#options.rotateEveryMs ?? 30_000);
    this.#look = setInterval(() => this.#endIfDismissed(), lookEveryMs);
    for (const child of this.#children) await child.start();
  }

  /** Ends every process, last started first. */
  async stop(): Promise<void> {
    clearInterval(this.#rotation);
    clearInterval(this.#look);
    for (const child of this.#children.toReversed()) await child.stop();
  }

  /** A process an earlier supervisor ran and this one knows nothing of has nobody left to look after it. */
  async #endStrangers(): Promise<void> {
    const names = new Set(this.#children.map((child) => child.state.name));
    for (const { name, id, stopSignal, stopTimeoutMs } of readState(this.#options.stateFile))
      if (id && !names.has(name)) await endProcess(id, stopSignal, stopTimeoutMs);
  }

  get #inCharge(): boolean {
    return this.#options.inCharge?.() ?? true;
  }

  #endIfDismissed(): void {
    if (this.#inCharge) return;
    this.#options.log.error('not in charge any more: ending everything');
    void this.stop().then(() => this.#options.onDismissed?.());
  }

  /** Writes the state file; false when that cannot be done, as on a full disk, or is another's to do. */
  #save(): boolean {
    if (!this.#inCharge) return false;
    const file = this.#options.stateFile;
    try {
      writeFileSync(`${file}.new`, JSON.stringify(this.state, undefined, 1), { mode: 0o644 });
      renameSync(`${file}.new`, file);
      return true;
    } catch (error) {
      this.#options.log.error({ err: error }, 'the state could not be written down');
      return false;
    }
  }

  #rotateLogs(): void {
    for (const { log } of this.state) {
      try {
        if (statSync(log).size < (this.#options.maxLogBytes ?? 16 << 20)) continue;
        // the process keeps its descriptor, which appends: it goes on at the new end
        copyFileSync(log, `${log}.1`);
        truncateSync(log, 0);
      } catch (error) {
        this.#options.log.warn({ err: error, log }, 'the log could not be set aside');
      }
    }
  }
}

/** One process being kept running. */
class Child {
  readonly #spec: ChildSpec;
  readonly #log: Logger;
  readonly #save: () => boolean;
  #state: ChildState;
  #restart: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(spec: ChildSpec, before: ChildState | undefined, log: Logger, save: () => boolean) {
    this.#spec = spec;
    this.#log = log;
    this.#save = save;
    this.#state = {
      name: spec.name,
      id: before?.id && isAlive(before.id) ? before.id : null,
      state: 'stopped',
      since: before?.since ?? 0,
      restarts: 0,
      failures: 0,
      lastEnd: null,
      log: spec.log,
      stopSignal: spec.stopSignal ?? 'SIGTERM',
      stopTimeoutMs: spec.stopTimeoutMs ?? 10_000,
    };
  }

  get state(): ChildState {
    return this.#state;
  }

  async start(): Promise<void> {
    if (this.#state.id) this.#adopt(this.#state.id);
    else await this.#spawn();
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    clearInterval(this.#watch);
    const { id, stopSignal, stopTimeoutMs } = this.#state;
    if (id) {
      const how = await endProcess(id, stopSignal, stopTimeoutMs);
      this.#log.info({ child: this.#spec.name, pid: id.pid }, how);
    }
    this.#set({ id: null, state: 'stopped' });
  }

  #set(change: Partial<ChildState>): boolean {
    this.#state = { ...this.#state, ...change };
    return this.#save();
  }

  /** Watches a process that is not our child: the kernel does not tell us of its end. */
  #adopt(id: ProcessId): void {
    this.#log.info({ child: this.#spec.name, pid: id.pid }, 'took over');
    this.#set({ state: 'running' });
    this.#watch = setInterval(() => {
      if (isAlive(id)) return;
      clearInterval(this.#watch);
      this.#ended('gone');
    }, pollMs);
  }

  async #spawn(): Promise<void> {
    const { name, prepare } = this.#spec;
    try {
      await prepare?.();
      if (this.#stopping) return;
      const { child, id } = launch(this.#spec);
      child.once('exit', (code, signal) => this.#ended(signal ?? `exit ${code}`));
      const recorded = this.#set({ id, state: 'starting', since: Date.now() });
      // only with its pid on record may it begin; otherwise it ends, and is tried again
      child.stdin!.on('error', () => {}).end(recorded ? 'go\n' : '');
      this.#log.info({ child: name, pid: id.pid }, 'started');
    } catch (error) {
      this.#log.error({ child: name, err: error }, 'could not be started');
      this.#set({ since: Date.now() });
      this.#ended('not started');
    }
  }

  #ended(how: string): void {
    if (this.#stopping) return;
    const { id, since, restarts } = this.#state;
    // one that could not be started has not lived at all
    const livedLong = id !== null && Date.now() - since > livedLongMs;
    const failures = livedLong ? 0 : this.#state.failures + 1;
    const delay = Math.min(100 * 2 ** Math.max(failures - 1, 0), 10_000);
    this.#log.warn({ child: this.#spec.name, how, delay }, 'ended by itself');
    this.#set({ id: null, state: 'waiting', lastEnd: how, restarts: restarts + 1, failures });
    this.#restart = setTimeout(() => void this.#spawn().then(() => this.#untilReady()), delay);
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + (this.#spec.readyTimeoutMs ?? 30_000);
    while (!this.#stopping && Date.now() < deadline) {
      if (this.#state.id && (await this.#isReady())) {
        if (this.#state.state !== 'running') this.#set({ state: 'running' });
        return;
      }
      await sleep(20);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await this.#spec.ready?.()) ?? true;
    } catch {
      return false;
    }
  }
}

/**
 * Starts a process in a session of its own that waits for a word on its standard input before it becomes the program: had
 * it begun at once and the supervisor died before noting its pid, nobody could find it again.
 */
export function launch(spec: ChildSpec): { child: ChildProcess; id: ProcessId } {
  const log = openSync(spec.log, 'a', 0o640);
  try {
    const child = spawn('/bin/sh', ['-c', 'read -r go && exec "$@"', spec.name, ...spec.argv], {
      cwd: '/',
      env: spec.env,
      detached: true,
      stdio: ['pipe', log, log],
      ...spec.account,
    });
    child.on('error', () => {});
    const id = child.pid === undefined ? undefined : processId(child.pid);
    if (!id) throw new Error(`/bin/sh could not be started for ${spec.name}`);
    return { child, id };
  } finally {
    closeSync(log);
  }
}
