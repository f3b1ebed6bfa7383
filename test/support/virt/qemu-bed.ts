import { execFile } from 'node:child_process';
import { chownSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { tinyImage } from '#cli/machine/prepare.ts';
import type { GuestState } from '#contracts/guest.ts';
import { QemuDriver } from '#drivers/virt/qemu/driver.ts';
import { defaultGuestUser, findGuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { defaultQemuOptions, type QemuOptions } from '#drivers/virt/qemu/options.ts';
import { imageInfo } from '#drivers/virt/qemu/qemu-img.ts';
import { silentLog } from '#kit/log/log.ts';

import type { VirtBed } from './bed.ts';

const run = promisify(execFile);

/** How long a guest may take for anything, on a machine that is busy with something else, in milliseconds. */
const guestPatienceMs = 240_000;

/** What this machine lacks for real guests, each with what mends it; empty when they can be had. */
export function missingForQemu(): string[] {
  const lacks: [boolean, string][] = [
    [process.getuid?.() !== 0, 'root'],
    [!existsSync('/usr/bin/qemu-system-x86_64'), 'the package qemu-system-x86'],
    [!existsSync('/usr/bin/qemu-img'), 'the package qemu-utils'],
    [!existsSync('/usr/bin/genisoimage'), 'the package genisoimage'],
    [!findGuestUser(), `the account ${defaultGuestUser}`],
    [!existsSync(tinyImage(process.cwd())), 'the tiny guest image'],
    [hasWayOut(), 'a network namespace of its own, without a default route'],
  ];
  return lacks.flatMap(([lacking, what]) => (lacking ? [what] : []));
}

/** Whether there is a route to anywhere: guests in tests are never made where there is. */
const hasWayOut = (): boolean =>
  readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .some((line) => line.split('\t')[1] === '00000000');

/** A bed for real guests, with what tests of this driver alone look at. */
export interface QemuBed extends VirtBed {
  readonly directory: string;
  /** The guest's directory. */
  home(id: string): string;
  /** The process of a running guest. */
  pid(id: string): number;
  /** Waits for text on the guest's console. */
  console(id: string, text: string | RegExp): Promise<string>;
  /** Logs in to a booted guest on its serial console, runs a command and answers what it printed. */
  shell(id: string, command: string): Promise<string>;
}

/** What a test may ask of its bed; guests are emulated unless `options` say otherwise. */
export interface QemuBedOptions {
  readonly options?: Partial<QemuOptions>;
  /** The group that may connect to consoles. */
  readonly consoleGid?: number;
  /** Where the data goes; left out, a directory made for it. */
  readonly directory?: string;
}

/** Starts a bed in a directory of its own. Everything it made is gone after `close`. */
export async function qemuBed({
  options,
  consoleGid,
  directory: given,
}: QemuBedOptions = {}): Promise<QemuBed> {
  const directory = given ?? mkdtempSync('/tmp/sv-');
  const user = findGuestUser()!;
  await chmod(directory, 0o711);
  const image = join(directory, 'tiny.qcow2');
  copyFileSync(tinyImage(process.cwd()), image);
  chownSync(image, 0, user.gid);
  await chmod(image, 0o440);
  const { virtualSize } = await imageInfo(image, 'qcow2', user);
  const changes: GuestState[] = [];
  const taps: string[] = [];
  const open = async () => {
    const driver = await QemuDriver.open({
      directory,
      guestUser: user,
      consoleGid,
      options: { ...defaultQemuOptions, acceleration: 'tcg', ...options },
      log: silentLog(),
    });
    driver.onChange((guest) => changes.push(guest));
    return driver;
  };
  let driver = await open();
  const home = (id: string) => join(directory, 'guests', id);
  const pid = (id: string) => Number(readFileSync(join(home(id), 'run', 'pid'), 'utf8'));
  const console = async (id: string, text: string | RegExp) => {
    for (const deadline = Date.now() + guestPatienceMs; ; await sleep(50)) {
      const log = await driver.consoleLog(id, 1 << 20);
      if (typeof text === 'string' ? log.includes(text) : text.test(log)) return log;
      if (Date.now() > deadline) throw new Error(`no ${String(text)} on the console:\n${log.slice(-2000)}`);
    }
  };
  const shell = (id: string, command: string) => onConsole(join(home(id), 'run', 'tty.sock'), command);
  return {
    get driver() {
      return driver;
    },
    images: { ensure: async () => ({ path: image, format: 'qcow2', virtualSize }) },
    changes,
    directory,
    home,
    pid,
    console,
    shell,
    async plug(portId) {
      const tap = `t${portId.slice(0, 8)}`;
      if (!taps.includes(tap)) await run('ip', ['tuntap', 'add', tap, 'mode', 'tap', 'user', user.name]);
      await run('ip', ['link', 'set', tap, 'up']);
      taps.push(tap);
      return { portId, tap };
    },
    letGo: () => driver.close(),
    async takeUp() {
      driver = await open();
      return driver.adopt();
    },
    die: async (id) => void process.kill(pid(id), 'SIGKILL'),
    powerOffInside: async (id) => void shell(id, 'poweroff').catch(() => {}),
    async booted(id, times = 1) {
      await console(id, new RegExp(`(TINY-READY[^]*){${times}}`));
    },
    incarnation: async (id) => String(pid(id)),
    async close() {
      for (const name of await driver.orphans([])) await driver.removeOrphan(name);
      await driver.close();
      for (const tap of new Set(taps)) await run('ip', ['link', 'delete', tap]).catch(() => {});
      if (given === undefined) rmSync(directory, { recursive: true });
    },
  };
}

/** busybox asks the terminal behind its prompt where the cursor is. */
// eslint-disable-next-line no-control-regex -- that question is a control sequence
const prompt = /[#$] (\x1b\[6n)?$/;

/** Logs in on a serial console, unless somebody is logged in already, and runs one command. */
async function onConsole(path: string, command: string): Promise<string> {
  const socket = createConnection(path);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  const until = async (pattern: RegExp, ms: number) => {
    for (const deadline = Date.now() + ms; !pattern.test(text); await sleep(20))
      if (Date.now() > deadline) return false;
    return true;
  };
  const say = (line: string) => {
    text = '';
    socket.write(`${line}\n`);
  };
  try {
    for (const deadline = Date.now() + guestPatienceMs; ;) {
      say('');
      if (await until(prompt, 1000)) break;
      say('cirros');
      if (await until(/Password: $/, 3000)) {
        say('gocubsgo');
        if (await until(prompt, 5000)) break;
      }
      if (Date.now() > deadline) throw new Error(`cannot log in on the console: ${text}`);
    }
    say(`${command}; echo "done:"$((40+2))`);
    if (!(await until(/done:42/, guestPatienceMs))) throw new Error(`no answer to ${command}: ${text}`);
    return text.slice(text.indexOf('\n') + 1, text.indexOf('done:42'));
  } finally {
    socket.destroy();
  }
}
