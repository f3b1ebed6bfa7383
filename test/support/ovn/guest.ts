import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const server = `require('node:net')
  .createServer((socket) => socket.end(socket.remoteAddress.replace('::ffff:', '')).on('error', () => {}))
  .listen(Number(process.argv[1]), () => console.log('listening'))`;

/** Starts a TCP server in a namespace that tells whoever comes the address it sees. */
export async function listenIn(namespace: string, port: number): Promise<ChildProcess> {
  const command = ['netns', 'exec', namespace, process.execPath, '-e', server, String(port)];
  const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** What a DHCP client was given: its variables as busybox's udhcpc hands them to its script. */
export type Lease = Readonly<Record<string, string>>;

/** A guest to be: the tap of its port, and the namespace it is. */
export interface GuestSpec {
  readonly namespace: string;
  readonly portId: string;
  readonly tap: string;
  readonly mac: string;
  readonly mtu: number;
}

/** A network namespace that stands in for a guest: its `eth0` is the other side of a tap. */
export class Guest {
  readonly namespace: string;
  readonly portId: string;
  readonly #wire: ChildProcess;
  readonly #servers: ChildProcess[] = [];

  private constructor(spec: GuestSpec, wire: ChildProcess) {
    this.namespace = spec.namespace;
    this.portId = spec.portId;
    this.#wire = wire;
  }

  /** `host` is the namespace that has the tap. */
  static async boot(host: string, spec: GuestSpec): Promise<Guest> {
    const { namespace, tap, mac, mtu } = spec;
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    const program = fileURLToPath(new URL('wire.py', import.meta.url));
    const command = ['/usr/bin/python3', program, tap, `/run/netns/${namespace}`, mac, String(mtu)];
    const wire = spawn('ip', ['netns', 'exec', host, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(wire.stdout, 'data');
    return new Guest(spec, wire);
  }

  /** Runs a program inside. Throws when it fails. */
  async run(...command: string[]): Promise<string> {
    const { stdout } = await run('ip', ['netns', 'exec', this.namespace, ...command], { timeout: 30_000 });
    return stdout;
  }

  /** Whether a program inside succeeds. */
  async does(...command: string[]): Promise<boolean> {
    return this.run(...command).then(
      () => true,
      () => false,
    );
  }

  /** Asks for a lease and answers what came, without taking it; undefined when nobody answers. */
  async lease(): Promise<Lease | undefined> {
    const client = [
      'busybox',
      'udhcpc',
      '-i',
      'eth0',
      '-f',
      '-q',
      '-n',
      '-t',
      '4',
      '-T',
      '1',
      '-s',
      leaseScript,
    ];
    const wanted = ['-O', 'staticroutes', '-O', 'mtu', '-O', 'dns', '-O', 'ntpsrv', '-O', 'domain'];
    const said = await this.run('env', '-i', ...client, ...wanted).catch(() => '');
    const lines = said.split('\n').filter((line) => line.includes('='));
    const lease = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    return lease.ip ? lease : undefined;
  }

  /** Asks for an IPv6 lease, or for the servers only, and answers what came; undefined when nobody answers. */
  async leaseV6(
    what: 'solicit' | 'information',
  ): Promise<{ address: string | null; dns: string | null } | undefined> {
    const client = fileURLToPath(new URL('dhcpv6-client.ts', import.meta.url));
    const said = await this.run(process.execPath, client, what).catch(() => '');
    return said === '' ? undefined : (JSON.parse(said) as { address: string | null; dns: string | null });
  }

  /** Takes an address, and a route to everywhere by way of a gateway. */
  async address(cidr: string, gateway?: string): Promise<void> {
    await this.run('ip', 'address', 'replace', cidr, 'dev', 'eth0', 'nodad');
    if (gateway) await this.run('ip', 'route', 'replace', 'default', 'via', gateway, 'dev', 'eth0');
  }

  /** Whether `address` answers a ping, within some tries. */
  pings(address: string, ...options: string[]): Promise<boolean> {
    const six = address.includes(':') ? ['-6'] : [];
    return this.does('busybox', 'ping', ...six, '-c', '1', '-W', '2', ...options, address);
  }

  /** Listens on a TCP port and tells whoever comes the address it sees. */
  async listen(port: number): Promise<void> {
    this.#servers.push(await listenIn(this.namespace, port));
  }

  /** Connects and answers what the other end says, undefined when that does not come about. */
  async connect(address: string, port: number): Promise<string | undefined> {
    const said = await this.run('busybox', 'nc', '-w', '2', address, String(port)).catch(() => '');
    return said.trim() || undefined;
  }

  /** Fetches a page. */
  fetch(url: string, ...options: string[]): Promise<string> {
    return this.run('curl', '-s', '--fail', '--noproxy', '*', '--max-time', '5', ...options, url);
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    for (const child of [...this.#servers, this.#wire]) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await run('ip', ['netns', 'delete', this.namespace]);
  }
}

/** Prints what udhcpc was given. */
const leaseScript = fileURLToPath(new URL('lease.sh', import.meta.url));
