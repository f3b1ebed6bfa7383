import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname } from 'node:path';

import type { Layout, MachineConfig } from '#contracts/machine.ts';
import { readState } from '#kit/process/supervisor.ts';

import { accountNames, findAccount } from '../machine/accounts.ts';
import { isRoot, supervisorOf } from '../machine/context.ts';
import { guestArch, missingPackages, runtimePackages } from '../machine/packages.ts';
import { takenPorts } from '../machine/ports.ts';
import { tinyImage } from '../machine/prepare.ts';
import type { ProgramParts } from '../parts.ts';

/** What a check looks at. */
export interface Patient {
  readonly layout: Layout;
  readonly config: MachineConfig;
  readonly parts: ProgramParts;
}

/** What a check found: `unusual` does not keep a cloud from running, `broken` does. */
export interface Finding {
  readonly state: 'well' | 'unusual' | 'broken';
  readonly text: string;
  /** The command that mends it. */
  readonly mend?: string;
}

/** Looks at one thing this machine must have. */
export interface Check {
  readonly title: string;
  run(patient: Patient): Promise<Finding> | Finding;
}

const well = (text: string): Finding => ({ state: 'well', text });
const unusual = (text: string, mend?: string): Finding => ({ state: 'unusual', text, ...(mend && { mend }) });
const broken = (text: string, mend: string): Finding => ({ state: 'broken', text, mend });
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

const system: Check = {
  title: 'system',
  run() {
    const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
    const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? '';
    const known = ['debian 12', 'debian 13', 'ubuntu 22.04', 'ubuntu 24.04'];
    const name = `${field('PRETTY_NAME')} on ${process.arch}`;
    if (process.arch !== guestArch)
      return broken(`${name}: guests run on ${guestArch} only`, 'stratalith up --sim');
    return known.includes(`${field('ID')} ${field('VERSION_ID')}`)
      ? well(name)
      : unusual(`${name}: not one of those Stratalith is tried on (${known.join(', ')})`);
  },
};

const rights: Check = {
  title: 'rights',
  run: () =>
    isRoot() ? well('root') : broken('guests and their networks need root', 'sudo stratalith doctor'),
};

const packages: Check = {
  title: 'packages',
  run() {
    const missing = missingPackages(Object.keys(runtimePackages));
    return missing.length === 0
      ? well(`${Object.keys(runtimePackages).length} installed`)
      : broken(`missing: ${missing.join(', ')}`, 'sudo stratalith install');
  },
};

const accounts: Check = {
  title: 'accounts',
  run() {
    const missing = Object.values(accountNames).filter((name) => !findAccount(name));
    return missing.length === 0
      ? well(Object.values(accountNames).join(', '))
      : broken(`missing: ${missing.join(', ')}`, 'sudo stratalith install');
  },
};

const image: Check = {
  title: 'tiny image',
  run: ({ parts }) =>
    existsSync(tinyImage(parts.root))
      ? well(tinyImage(parts.root))
      : broken('not built yet', 'sudo stratalith install'),
};

const acceleration: Check = {
  title: 'KVM',
  async run({ parts }) {
    if (!isRoot()) return unusual('only root can try it', 'sudo stratalith doctor');
    const problem = await parts.probeKvm();
    return problem === undefined
      ? well('a guest ran on it')
      : unusual(`${problem}: guests are emulated, which is several times slower`, kvmMend());
  },
};

/** What may help: the module, the device's group; past these it is up to whoever runs the machine below. */
function kvmMend(): string | undefined {
  const vendor = readFileSync('/proc/cpuinfo', 'utf8').includes('AuthenticAMD') ? 'amd' : 'intel';
  if (!existsSync('/dev/kvm')) return `sudo modprobe kvm_${vendor}`;
  return statSync('/dev/kvm').gid === 0 ? 'sudo chgrp kvm /dev/kvm && sudo chmod 660 /dev/kvm' : undefined;
}

const tap: Check = {
  title: 'tap devices',
  run() {
    try {
      accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
      return well('/dev/net/tun');
    } catch {
      return broken('/dev/net/tun cannot be opened', 'sudo modprobe tun');
    }
  },
};

const ports: Check = {
  title: 'ports',
  run({ layout, config }) {
    const taken = takenPorts(layout, config);
    if (taken.length === 0) return well(Object.values(config.ports).join(', '));
    const mend = taken.find((one) => one.mend)?.mend;
    return broken(taken.map(({ text }) => text).join('; '), mend ? `sudo ${mend}` : 'sudo stratalith doctor');
  },
};

const space: Check = {
  title: 'disk space',
  run({ layout }) {
    let directory = layout.data;
    while (!existsSync(directory)) directory = dirname(directory);
    const { bavail, bsize } = statfsSync(directory);
    const free = bavail * bsize;
    return free > 2e9
      ? well(`${gigabytes(free)} free in ${directory}`)
      : broken(`only ${gigabytes(free)} free in ${directory}`, `du -xh ${directory} | sort -h | tail`);
  },
};

const memory: Check = {
  title: 'memory',
  run() {
    const available = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    const free = available ? Number(available) * 1024 : freemem();
    return free > 1e9
      ? well(`${gigabytes(free)} available`)
      : unusual(`only ${gigabytes(free)} available`, 'ps axo pid,rss,comm --sort -rss | head');
  },
};

const secrets: Check = {
  title: 'secrets',
  run({ layout }) {
    const open = [layout.clouds, layout.adminPassword, layout.settings].filter(
      (file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0,
    );
    return open.length === 0
      ? well('readable by their owner only')
      : broken(`others may read ${open.join(', ')}`, `chmod 600 ${open.join(' ')}`);
  },
};

const processes: Check = {
  title: 'processes',
  run({ layout }) {
    if (!supervisorOf(layout)) return well('the cloud is down');
    const failing = readState(layout.processes).filter(({ state }) => state !== 'running');
    if (failing.length > 0) {
      const [first] = failing;
      return broken(
        failing.map(({ name, state, lastEnd }) => `${name} is ${state}, ended with ${lastEnd}`).join('; '),
        `stratalith logs ${first!.name}`,
      );
    }
    const restarted = readState(layout.processes).filter(({ restarts }) => restarts > 0);
    return restarted.length === 0
      ? well('all run')
      : unusual(
          `started again: ${restarted.map(({ name, restarts }) => `${name} ${restarts} times`).join(', ')}`,
          `stratalith logs ${restarted[0]!.name}`,
        );
  },
};

/** Everything a cloud with real guests needs. */
export const checks: readonly Check[] = [
  system,
  rights,
  packages,
  accounts,
  image,
  acceleration,
  tap,
  ports,
  space,
  memory,
  secrets,
  processes,
];
