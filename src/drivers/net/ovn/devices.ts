import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether this network namespace has a device of this name. Unlike /sys, /proc/sys always shows one's own namespace. */
export const hasDevice = (device: string): boolean => existsSync(`/proc/sys/net/ipv4/conf/${device}`);

/** Runs several `ip` commands in one process. Throws with what `ip` said about the first that failed. */
export async function ip(commands: readonly string[]): Promise<void> {
  const child = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => said.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(`${commands.join('\n')}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`ip: ${said.join('').trim() || `exit ${code}`}`);
}

/** What a device of ours is for. */
export type Purpose = 'port' | 'metadata';

/** The alias that says a device is ours, and whose. */
export const aliasOf = (purpose: Purpose, id: string): string => `"stratalith ${purpose} ${id}"`;

/** Ids of what devices of this network namespace are ours for. */
export async function ownersOf(purpose: Purpose): Promise<string[]> {
  const { stdout } = await run('ip', ['-json', 'link', 'show'], { maxBuffer: 64 << 20 });
  const links = JSON.parse(stdout) as { ifalias?: string }[];
  const prefix = `stratalith ${purpose} `;
  return links.flatMap(({ ifalias }) => (ifalias?.startsWith(prefix) ? [ifalias.slice(prefix.length)] : []));
}

/** Removes a device. Tolerates absence. */
export async function removeDevice(device: string): Promise<void> {
  if (!hasDevice(device)) return;
  try {
    await ip([`link delete dev ${device}`]);
  } catch (error) {
    if (hasDevice(device)) throw error;
  }
}

/** Keeps the kernel from speaking IPv6 on a device, or on `all`. */
export const silenceIpv6 = (device: string): Promise<void> =>
  writeFile(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, '1').catch((error: NodeJS.ErrnoException) => {
    // a kernel without IPv6 does not speak it either
    if (error.code !== 'ENOENT') throw error;
  });

/** Runs a program to its end. Throws with what it said when it fails. */
export async function execute(program: string, ...args: string[]): Promise<void> {
  await run(program, args);
}
