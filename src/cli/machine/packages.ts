import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { confirm, step, UserError } from '../output.ts';
import { isRoot } from './context.ts';
import { runQuietly } from './run.ts';

/** Processors guests run on, as Node names them. */
export const guestArch = 'x64';

/** The package of their emulator. */
export const emulatorPackage = 'qemu-system-x86';

/** What a cloud with real guests needs of Debian or Ubuntu, and why. */
export const runtimePackages: Readonly<Record<string, string>> = {
  [emulatorPackage]: 'runs the guests',
  'qemu-utils': 'makes and inspects disks',
  'openvswitch-switch': 'switches packets',
  'ovn-central': 'the networks’ databases',
  'ovn-host': 'the networks on this host',
  iproute2: 'interfaces and namespaces',
  ethtool: 'checksums where metadata is served',
  genisoimage: 'config drives',
  openssl: 'certificates of key pairs',
};

/** What the tests need besides. */
export const testPackages: Readonly<Record<string, string>> = {
  postgresql: 'the database tests',
  'rabbitmq-server': 'the message bus tests',
  'python3-openstackclient': 'the ordinary client',
  'python3-cryptography': 'reads our tokens as Keystone does',
  'python3-msgpack': 'reads our tokens as Keystone does',
  'openssh-client': 'logs in to a guest, makes keys',
  'iputils-ping': 'reaches a guest',
  'busybox-static': 'the guests of the network tests',
  curl: 'asks for metadata in the network tests',
};

/** What building the tiny guest image needs besides: listed beside the script that builds it. */
export function imagePackages(root: string): Record<string, string> {
  const lines = readFileSync(join(root, 'images', 'packages.txt'), 'utf8').split('\n');
  const names = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(names.map((name) => [name, 'builds the tiny guest image']));
}

/** The packages of these that are not installed. */
export function missingPackages(names: readonly string[]): string[] {
  if (!existsSync('/usr/bin/dpkg-query'))
    throw new UserError(
      'this is neither Debian nor Ubuntu: packages cannot be installed here',
      'a cloud of simulated guests needs none: stratalith up --sim',
    );
  const installed = packageVersions(names);
  return names.filter((name) => !installed.has(name));
}

/** Installs what is missing of these, after naming it and asking. Throws when it may not or cannot. */
export async function installPackages(wanted: Readonly<Record<string, string>>, yes: boolean): Promise<void> {
  const missing = missingPackages(Object.keys(wanted));
  if (missing.length === 0) return;
  const command = `apt-get install ${missing.join(' ')}`;
  if (!isRoot()) throw new UserError(`these packages are missing: ${missing.join(', ')}`, `sudo ${command}`);
  const list = missing.map((name) => `  ${name.padEnd(20)} ${wanted[name]}`).join('\n');
  if (!yes && !(await confirm(`These packages will be installed:\n${list}\nGo on?`, 'yes')))
    throw new UserError('nothing was installed', `do it yourself: ${command}`);
  const what = missing.length === 1 ? missing[0]! : `${missing.length} packages`;
  await step(`install ${what}`, async () => {
    await apt(['update']);
    await apt(['install', '--yes', '--no-install-recommends', ...missing]);
  });
}

const apt = (args: readonly string[]): Promise<void> =>
  runQuietly('/usr/bin/apt-get', ['-q', ...args], { DEBIAN_FRONTEND: 'noninteractive' });

/** The installed versions of these packages, by name; those that are not installed are left out. */
export const packageVersions = (names: readonly string[]): Map<string, string> =>
  new Map(
    queryPackages(names).flatMap(([name, version, status]) =>
      status === 'installed' ? [[name, version]] : [],
    ),
  );

/** Name, version and status of packages dpkg has heard of. */
function queryPackages(names: readonly string[]): [name: string, version: string, status: string][] {
  const format = '${Package} ${Version} ${db:Status-Status}\n';
  const { stdout } = spawnSync('/usr/bin/dpkg-query', ['-W', '-f', format, ...names], {
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  });
  const lines = (stdout ?? '').split('\n').filter((line) => line !== '');
  // a package that is not installed may have no version
  return lines.map((line) => {
    const words = line.split(' ');
    return [words[0]!, words[1]!, words.at(-1)!];
  });
}
