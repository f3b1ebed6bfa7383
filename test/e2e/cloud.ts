import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Layout, layoutOf } from '#contracts/machine.ts';

const script = join(import.meta.dirname, '..', '..', 'stratalith');

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cloud with real guests and networks in this network namespace, used as a person would: through the command line. */
export class RealCloud {
  readonly layout: Layout;
  /** A program with its arguments that runs the cloud's commands; none: they are run as they are. */
  via: readonly string[] = [];

  /** `parent` is where its directory is made. */
  constructor(parent = tmpdir()) {
    const data = mkdtempSync(join(parent, 'stratalith-e2e-'));
    chmodSync(data, 0o755);
    this.layout = layoutOf(data);
  }

  /** Runs `./stratalith` on this cloud. */
  stratalith(...args: string[]): Promise<Ended> {
    const [program, ...rest] = [...this.via, script, ...args, '--data', this.layout.data];
    return run(program, rest);
  }

  /** Starts it. Throws with what was said when that fails. */
  async up(): Promise<void> {
    const { code, stdout, stderr } = await this.stratalith('up', '--yes');
    if (code !== 0) throw new Error(`stratalith up: ${stdout}${stderr}`);
  }

  /** Runs the ordinary client as the administrator, whom `up` names; its JSON. Throws with what it said when it fails. */
  // answers are read by their documented shape
  // oxlint-disable-next-line typescript/no-explicit-any
  async openstack(...args: string[]): Promise<any> {
    return JSON.parse((await this.client(...args, '-f', 'json')) || 'null');
  }

  /** Runs the ordinary client; its text. */
  async client(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryClient(...args);
    if (code !== 0) throw new Error(`openstack ${args.join(' ')}: ${stderr.trim()}`);
    return stdout;
  }

  tryClient(...args: string[]): Promise<Ended> {
    const env = { OS_CLIENT_CONFIG_FILE: this.layout.clouds, OS_CLOUD: 'stratalith' };
    return run('openstack', args, env);
  }

  /** Removes guests, networks and data. */
  async remove(): Promise<void> {
    await this.stratalith('reset', '--yes');
    rmSync(this.layout.data, { recursive: true, force: true });
  }
}

/** Runs a program to its end. Throws when it cannot be started. */
export function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, maxBuffer: 64 << 20 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (typeof error?.code === 'string') reject(error);
      else resolve({ code: error ? (error.code ?? 255) : 0, stdout, stderr });
    });
  });
}

/** Asks again and again until `probe` answers something; throws when it does not within `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(500)) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
  }
}
