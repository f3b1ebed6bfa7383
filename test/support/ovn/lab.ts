import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { MetadataNetwork } from '#contracts/metadata.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import { missingPrograms } from '#drivers/net/ovn/daemons.ts';
import type { EngineParts } from '#drivers/net/ovn/engine.ts';
import type { ChildState } from '#kit/process/supervisor.ts';

import { Guest, listenIn } from './guest.ts';

const run = promisify(execFile);

/** What a lab's processes are told. */
export interface LabSetup {
  readonly engine: EngineParts;
  /** Remote of the switch's database. */
  readonly switch: string;
}

/** What is missing to run OVN for real here; empty when all is there. */
export function missingForLab(): string {
  const tools = [
    '/usr/bin/python3',
    '/usr/bin/busybox',
    '/usr/bin/curl',
    '/usr/sbin/ethtool',
    '/usr/bin/unshare',
  ];
  const missing = [...missingPrograms(), ...tools.filter((tool) => !existsSync(tool))];
  if (process.getuid?.() !== 0) missing.push('root');
  return missing.join(', ');
}

/** Nobody: the account the central runs as. */
export const labAccount = { uid: 65_534, gid: 65_534 };
let labs = 0;

/**
 * A hypervisor with a network engine of its own, in a network namespace of its own: the daemons under a supervisor, an
 * agent, and guests that are namespaces behind taps. The outside is the namespace itself, at 172.24.4.1.
 */
export class OvnLab {
  readonly namespace: string;
  readonly directory: string;
  readonly setup: LabSetup;
  remotes!: { northbound: string; southbound: string; switch: string };
  #supervisor!: LabProcess;
  #agent!: LabProcess;
  readonly #guests: Guest[] = [];
  readonly #servers: ChildProcess[] = [];
  #booted = 0;

  private constructor(name: string, engine: Partial<EngineParts>) {
    this.namespace = `${name}-${process.pid}-${labs++}`;
    this.directory = mkdtempSync('/tmp/stratalith-ovn-');
    const logs = join(this.directory, 'log');
    mkdirSync(logs);
    execFileSync('chmod', ['711', this.directory]);
    this.setup = {
      switch: `unix:${this.directory}/ovn/switch/db.sock`,
      engine: {
        directory: join(this.directory, 'ovn'),
        logs,
        account: labAccount,
        hostname: 'lab-host',
        bridges: { public: 'br-ex' },
        addresses: { 'br-ex': '172.24.4.1/24' },
        useHosts: false,
        ...engine,
      },
    };
  }

  /** Starts everything; about two seconds. */
  static async start(name = 'strata-ovn', engine: Partial<EngineParts> = {}): Promise<OvnLab> {
    await removeStale(name);
    const lab = new OvnLab(name, engine);
    await run('ip', ['netns', 'add', lab.namespace]);
    await run('ip', ['-n', lab.namespace, 'link', 'set', 'lo', 'up']);
    await lab.#startProcesses();
    return lab;
  }

  /** What is left after the host lost power and came back: files, and neither processes nor devices. */
  async reboot(): Promise<void> {
    await Promise.all(this.#guests.splice(0).map((guest) => guest.stop()));
    await this.#agent.kill();
    await this.halt();
    for (const [device] of (await this.outside('ip', '-br', 'link')).matchAll(/^tap\S+/gm))
      await this.outside('ip', 'link', 'delete', device);
    await this.#startProcesses();
  }

  /** Ends the daemons. */
  async halt(): Promise<void> {
    await this.#supervisor.call('stop');
    await this.#supervisor.kill();
  }

  async #startProcesses(): Promise<void> {
    this.#supervisor = await this.#process('supervisor');
    this.remotes = (await this.#supervisor.call('start')) as OvnLab['remotes'];
    this.#agent = await this.#process('agent');
  }

  /** The agent's half of the driver, in its process. */
  get host(): Pick<NetHost, 'plug' | 'unplug' | 'plugged' | 'orphans' | 'removeOrphan'> & {
    serveMetadata(networks: readonly MetadataNetwork[]): Promise<void>;
  } {
    const call = (method: string) => (args: unknown) => this.#agent.call(method, args) as Promise<never>;
    return {
      plug: call('plug'),
      unplug: call('unplug'),
      plugged: () => this.#agent.call('plugged') as Promise<string[]>,
      orphans: call('orphans'),
      removeOrphan: call('removeOrphan'),
      serveMetadata: call('serveMetadata'),
    };
  }

  /** What the supervisor's children are doing. */
  state(): Promise<readonly ChildState[]> {
    return this.#supervisor.call('state') as Promise<readonly ChildState[]>;
  }

  /** What the engine of a machine with these parts would be, as seen from inside. */
  engine(
    parts: EngineParts,
  ): Promise<{ children: string[]; northbound: string; southbound: string; switch: string }> {
    return this.#supervisor.call('engine', parts) as ReturnType<OvnLab['engine']>;
  }

  /** Kills a daemon as the kernel would when memory is short, and waits until the supervisor has brought it back. */
  async killDaemon(name: string): Promise<void> {
    const before = (await this.state()).find((child) => child.name === name)!;
    process.kill(before.id!.pid, 'SIGKILL');
    for (;;) {
      const now = (await this.state()).find((child) => child.name === name)!;
      if (now.id && now.id.pid !== before.id!.pid && now.state === 'running') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Kills the agent and starts another. */
  async replaceAgent(): Promise<void> {
    await this.#agent.kill();
    this.#agent = await this.#process('agent');
  }

  /** Plugs a port in and puts a guest behind it. */
  async boot(port: { portId: string; mac: string; mtu?: number }): Promise<Guest> {
    const mtu = port.mtu ?? 1442;
    const { tap } = await this.host.plug({ portId: port.portId, mac: port.mac, mtu, guestUid: null });
    const namespace = `${this.namespace}-g${this.#booted++}`;
    const guest = await Guest.boot(this.namespace, { ...port, namespace, mtu, tap: tap! });
    this.#guests.push(guest);
    return guest;
  }

  /** Runs a program outside, where the floating addresses are. */
  async outside(...command: string[]): Promise<string> {
    const { stdout } = await run('ip', ['netns', 'exec', this.namespace, ...command]);
    return stdout;
  }

  /** Whether an address answers a ping from outside. */
  outsidePings(address: string): Promise<boolean> {
    return this.outside(
      'busybox',
      'ping',
      ...(address.includes(':') ? ['-6'] : []),
      '-c',
      '1',
      '-W',
      '2',
      address,
    ).then(
      () => true,
      () => false,
    );
  }

  /** What a server inside says to a caller from outside, undefined when that does not come about. */
  async outsideConnects(address: string, port: number): Promise<string | undefined> {
    const said = await this.outside('busybox', 'nc', '-w', '2', address, String(port)).catch(() => '');
    return said.trim() || undefined;
  }

  /** Listens outside on a TCP port and tells whoever comes the address it sees. */
  async listenOutside(port: number): Promise<void> {
    this.#servers.push(await listenIn(this.namespace, port));
  }

  /** Ends a guest and unplugs its port. */
  async stopGuest(guest: Guest): Promise<void> {
    this.#guests.splice(this.#guests.indexOf(guest), 1);
    await guest.stop();
    await this.host.unplug(guest.portId);
  }

  /** Ends every guest and unplugs every port. */
  async stopGuests(): Promise<void> {
    while (this.#guests.length > 0) await this.stopGuest(this.#guests[0]!);
    for (const id of await this.host.plugged()) await this.host.unplug(id);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) server.kill('SIGKILL');
    await Promise.all(this.#guests.splice(0).map((guest) => guest.stop()));
    await this.#agent?.call('close').catch(() => {});
    await this.#agent?.kill();
    await this.#supervisor?.call('stop').catch(() => {});
    await this.#supervisor?.kill();
    await run('ip', ['netns', 'delete', this.namespace]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #process(role: 'supervisor' | 'agent'): Promise<LabProcess> {
    return LabProcess.start(this.namespace, { role, setup: this.setup });
  }
}

/** Namespaces of test runs that were killed. */
async function removeStale(name: string): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const [namespace, pid] of stdout.matchAll(new RegExp(`^${name}-(\\d+)-\\S+`, 'gm')))
    if (!existsSync(`/proc/${pid}`)) await run('ip', ['netns', 'delete', namespace]);
}

/** One of the lab's processes, called over IPC. */
class LabProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(namespace: string, role: object): Promise<LabProcess> {
    const program = fileURLToPath(new URL('process.ts', import.meta.url));
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, program, JSON.stringify(role)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const process_ = new LabProcess(child);
    const ready = Promise.withResolvers<void>();
    child.on('message', (message: { ready?: true; id: number; result?: unknown; error?: string }) => {
      if (message.ready) return ready.resolve();
      const waiting = process_.#waiting.get(message.id);
      process_.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result);
      else waiting?.reject(new Error(message.error));
    });
    child.on('exit', () => {
      ready.reject(new Error('the lab process ended'));
      for (const waiting of process_.#waiting.values()) waiting.reject(new Error('the lab process ended'));
    });
    await ready.promise;
    return process_;
  }

  call(method: string, ...args: unknown[]): Promise<unknown> {
    if (!this.#child.connected) return Promise.reject(new Error('the lab process has ended'));
    const id = this.#next++;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, method, args });
    return waiting.promise;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
