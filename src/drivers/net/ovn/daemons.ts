import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ChildSpec } from '#kit/process/supervisor.ts';
import { unixctl } from '#protocols/ovsdb/unixctl.ts';

import { type Account, prepareDatabase, schemaFile } from './database-files.ts';
import { execute, hasDevice, ip } from './devices.ts';
import { answers } from './host-engine.ts';
import { type Datapath, type SwitchSettings, writeSettings } from './settings.ts';
import { integrationBridge } from './vswitch.ts';

/** Where a process of the set runs, and as whom. */
export interface DaemonParts {
  /** Absolute path of a directory for databases and sockets. */
  readonly directory: string;
  /** Absolute path of the directory logs go to. */
  readonly logs: string;
  /** The account control runs as, which the central's processes share; null: whoever runs the supervisor. */
  readonly account: Account;
}

const programs = {
  'ovsdb-server': '/usr/sbin/ovsdb-server',
  'ovs-vswitchd': '/usr/sbin/ovs-vswitchd',
  'ovn-northd': '/usr/bin/ovn-northd',
  'ovn-controller': '/usr/bin/ovn-controller',
};

/** Programs of the set that are not installed. */
export const missingPrograms = (): string[] =>
  Object.entries(programs)
    .filter(([, path]) => !existsSync(path))
    .map(([name]) => name);

const quietly = ['--no-chdir', '-vconsole:info', '-vsyslog:off', '-vfile:off'];

/** Paths of the central's sockets: OVN's two databases. */
export const centralSockets = (directory: string): { northbound: string; southbound: string } => ({
  northbound: `unix:${join(directory, 'central', 'nb.sock')}`,
  southbound: `unix:${join(directory, 'central', 'sb.sock')}`,
});

/** Remote of the switch's database when it is ours. */
export const switchSocket = (directory: string): string => `unix:${join(directory, 'switch', 'db.sock')}`;

/**
 * OVN's central: both databases and ovn-northd. They need no privilege and run as control does, in a directory nobody
 * else may look into: who can reach the Northbound database can change every network.
 */
export function centralDaemons(parts: DaemonParts): ChildSpec[] {
  const directory = join(parts.directory, 'central');
  const { northbound, southbound } = centralSockets(parts.directory);
  return [
    database(parts, directory, { name: 'ovn-nb', file: 'nb', schema: 'ovn-nb', remote: northbound }),
    database(parts, directory, { name: 'ovn-sb', file: 'sb', schema: 'ovn-sb', remote: southbound }),
    daemon(parts, directory, {
      name: 'ovn-northd',
      argv: [
        programs['ovn-northd'],
        `--ovnnb-db=${northbound}`,
        `--ovnsb-db=${southbound}`,
        `--unixctl=${join(directory, 'northd.ctl')}`,
        ...quietly,
      ],
      // one that stands by lets another work, and takes over when that one dies
      ready: async () => /active|standby/.test(await unixctl(join(directory, 'northd.ctl'), 'status')),
    }),
  ];
}

/** What the switch of this host is told, and the address its bridge to the outside has on this host. */
export interface SwitchParts extends DaemonParts {
  readonly settings: SwitchSettings;
  readonly addresses: Readonly<Record<string, string>>;
}

/** Open vSwitch: its database, which is given the settings before the switch first looks, and the switch. */
export function switchDaemons(parts: SwitchParts): ChildSpec[] {
  const directory = join(parts.directory, 'switch');
  const asRoot = { ...parts, account: null };
  const { settings } = parts;
  const remote = switchSocket(parts.directory);
  const control = join(directory, 'vswitchd.ctl');
  return [
    {
      ...database(asRoot, directory, { name: 'ovs-db', file: 'conf', schema: 'vswitch', remote }),
      ready: async () => {
        await writeSettings(remote, settings);
        return true;
      },
    },
    daemon(asRoot, directory, {
      name: 'ovs-vswitchd',
      argv: [
        programs['ovs-vswitchd'],
        remote,
        `--unixctl=${control}`,
        ...(settings.datapath === 'netdev' ? ['--disable-system'] : []),
        ...quietly,
      ],
      ready: async () => {
        await unixctl(control, 'version');
        return raiseBridges(settings, parts.addresses);
      },
    }),
  ];
}

/** ovn-controller, which programs the switch whose database and control sockets stand in `runDirectory`. */
export function controllerDaemon(parts: DaemonParts, remote: string, runDirectory: string): ChildSpec {
  const directory = join(parts.directory, 'switch');
  const pidFile = join(directory, 'controller.pid');
  const spec = daemon({ ...parts, account: null }, directory, {
    name: 'ovn-controller',
    argv: [programs['ovn-controller'], remote, `--pidfile=${pidFile}`, ...quietly],
    // before OVN 23.06 the control socket cannot be given another name
    ready: async () => {
      const pid = (await readFile(pidFile, 'utf8')).trim();
      const status = await unixctl(join(directory, `ovn-controller.${pid}.ctl`), 'connection-status');
      // newer ones end it without a newline
      return status.trim() === 'connected';
    },
  });
  return {
    ...spec,
    env: { ...spec.env, OVS_RUNDIR: runDirectory },
    prepare: async () => {
      await spec.prepare?.();
      await removeControlSockets(directory);
    },
  };
}

/** Control sockets of ovn-controllers that were killed. */
async function removeControlSockets(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (/^ovn-controller\.\d+\.ctl$/.test(name)) await rm(join(directory, name), { force: true });
}

/**
 * Brings bridges up and gives them their addresses on this host. To be done whenever the switch has started, since it
 * may have made their devices anew. False while a device is not there yet.
 */
export async function raiseBridges(
  settings: SwitchSettings,
  addresses: Readonly<Record<string, string>>,
): Promise<boolean> {
  const bridges = Object.values(settings.bridges);
  if (![...bridges, integrationBridge].every(hasDevice)) return false;
  const commands = bridges.flatMap((bridge) => [
    ...(addresses[bridge] ? [`address replace ${addresses[bridge]} dev ${bridge}`] : []),
    `link set dev ${bridge} up`,
  ]);
  if (commands.length > 0) await ip(commands);
  return true;
}

/** The kernel's datapath where it has one, loading it if need be. */
export async function availableDatapath(): Promise<Datapath> {
  const loaded = '/sys/module/openvswitch';
  if (!existsSync(loaded)) await execute('modprobe', 'openvswitch').catch(() => {});
  return existsSync(loaded) ? 'system' : 'netdev';
}

interface DatabaseSpec {
  readonly name: string;
  readonly file: string;
  readonly schema: Parameters<typeof schemaFile>[0];
  readonly remote: string;
}

function database(parts: DaemonParts, directory: string, spec: DatabaseSpec): ChildSpec {
  const file = join(directory, `${spec.file}.db`);
  const base = daemon(parts, directory, {
    name: spec.name,
    argv: [
      programs['ovsdb-server'],
      file,
      `--remote=p${spec.remote}`,
      `--unixctl=${join(directory, `${spec.file}.ctl`)}`,
      ...quietly,
    ],
    ready: () => answers(spec.remote),
  });
  return {
    ...base,
    prepare: async () => {
      await base.prepare?.();
      await prepareDatabase(file, schemaFile(spec.schema), parts.account);
    },
  };
}

function daemon(
  parts: DaemonParts,
  directory: string,
  spec: Pick<ChildSpec, 'name' | 'argv' | 'ready'>,
): ChildSpec {
  const { account, logs } = parts;
  return {
    ...spec,
    env: environment(directory),
    ...(account && { account }),
    log: join(logs, `${spec.name}.log`),
    prepare: async () => {
      await mkdir(dirname(directory), { recursive: true, mode: 0o711 });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      if (account) await chown(directory, account.uid, account.gid);
    },
    stopTimeoutMs: 5_000,
  };
}

/** Daemons look for each other, for settings and for schemas in directories the environment names. */
const environment = (directory: string): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  OVS_RUNDIR: directory,
  OVN_RUNDIR: directory,
  OVS_LOGDIR: directory,
  OVN_LOGDIR: directory,
  OVS_DBDIR: directory,
  OVN_DBDIR: directory,
  OVS_SYSCONFDIR: directory,
  OVN_SYSCONFDIR: directory,
});
