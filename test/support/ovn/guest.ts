import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a DHCP client was given: its variables as busybox's udhcpc hands them to its script. */
export type Lease = Readonly<Record<string, string>>;

/** A network namespace that stands in for a guest: its `eth0` is the other side of a tap. */
export class Guest {
  readonly namespace: string;
  readonly mac: string;
  readonly #wire: ChildProcess;
  readonly #servers: ChildProcess[] = [];

  private constructor(namespace: string, mac: string, wire: ChildProcess) {
    this.namespace = namespace;
    this.mac = mac;
    this.#wire = wire;
  }

  static async boot(host: string, namespace: string, tap: string, mac: string, mtu: number): Promise<Guest> {
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    const program = fileURLToPath(new URL('wire.py', import.meta.url));
    const wire = spawn(
      'ip',
      ['netns', 'exec', host, '/usr/bin/python3', program, tap, `/run/netns/${namespace}`, mac, String(mtu)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(wire.stdout, 'data');
    return new Guest(namespace, mac, wire);
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

  /** Whether a TCP connection comes about. */
  connects(address: string, port: number): Promise<boolean> {
    return this.does('busybox', 'nc', '-w', '2', address, String(port), '-e', '/bin/true');
  }

  /** Listens on a TCP port and says hello to whoever comes. */
  async listen(port: number): Promise<void> {
    const server = spawn(
      'ip',
      [
        'netns',
        'exec',
        this.namespace,
        'busybox',
        'nc',
        '-lk',
        '-p',
        String(port),
        '-e',
        '/bin/echo',
        'hello',
      ],
      { stdio: 'ignore' },
    );
    this.#servers.push(server);
    await once(server, 'spawn');
    while (
      !(await this.does(
        'busybox',
        'grep',
        '-qi',
        `:${port.toString(16).padStart(4, '0')} .* 0A `,
        '/proc/net/tcp',
        '/proc/net/tcp6',
      ))
    );
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
