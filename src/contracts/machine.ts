import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** What the processes of one machine know of each other: where things lie, and how the cloud was started. */

/** TCP ports by service; the console proxy is the one that is no API. */
export const standardPorts = {
  identity: 5000,
  compute: 8774,
  placement: 8778,
  image: 9292,
  network: 9696,
  console: 6080,
} as const;

/** What listens on a TCP port of its own. */
export type ServiceName = keyof typeof standardPorts;

/** The options of the configuration file that matter beyond control. */
export interface MachineConfig {
  readonly api: { readonly listen: string; readonly public_host: string; readonly region: string };
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly drivers: { readonly virt: string; readonly net: string };
  readonly database: { readonly url: string };
}

/** Whether nothing of this cloud is real, so that it needs no rights: one process is all of it. */
export const isSimulated = ({ drivers }: MachineConfig): boolean =>
  drivers.virt === 'sim' && drivers.net === 'sim';

/** Where clients find a service, e.g. `http://127.0.0.1:5000`. */
export const publicUrl = (config: MachineConfig, service: ServiceName): string =>
  `http://${publicHost(config)}:${config.ports[service]}`;

function publicHost({ api }: MachineConfig): string {
  const host = api.public_host || (isAnyAddress(api.listen) ? ownAddress() : api.listen);
  return host.includes(':') ? `[${host}]` : host;
}

/** Where this machine itself finds a service. */
export const localUrl = (config: MachineConfig, service: ServiceName): string => {
  const { listen } = config.api;
  const host = isAnyAddress(listen) ? '127.0.0.1' : listen;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.ports[service]}`;
};

/** Whether an address stands for every address of the machine. */
export const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The first address of this machine that others could reach, else loopback. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find((a) => !a.internal && a.family === 'IPv4')?.address ?? '127.0.0.1';
}

/** Absolute paths inside the data directory. */
export interface Layout {
  readonly data: string;
  /** Control's own: database, keys, images, policy files. Belongs to the account control runs as. */
  readonly control: string;
  /** The agent's own: guests' disks, the cache of base images. */
  readonly agent: string;
  /** OVN's databases and sockets. */
  readonly ovn: string;
  readonly log: string;
  /** Sockets, locks and what only matters while the cloud runs. */
  readonly run: string;
  readonly database: string;
  readonly adminPassword: string;
  readonly clouds: string;
  /** Which kind of cloud this directory belongs to. */
  readonly kind: string;
  /** The unix socket of the bus between control and agent. */
  readonly bus: string;
  /** Written by control once every API answers, see {@link Ready}. */
  readonly ready: string;
  /** How the running cloud was started, see {@link Settings}. */
  readonly settings: string;
  /** Where the network engine is reached: written by the supervisor, see {@link EngineAddresses}. */
  readonly engine: string;
  /** The supervisor's state file. */
  readonly processes: string;
  /** Held by the supervisor for as long as it lives. */
  readonly supervisorLock: string;
  /** Held by a command that starts or stops something. */
  readonly commandLock: string;
}

/** The layout of the data directory `data`, an absolute path. Nothing is made. */
export function layoutOf(data: string): Layout {
  const run = join(data, 'run');
  const control = join(data, 'control');
  return {
    data,
    control,
    agent: join(data, 'agent'),
    ovn: join(data, 'ovn'),
    log: join(data, 'log'),
    run,
    database: join(control, 'stratalith.db'),
    adminPassword: join(control, 'admin-password'),
    clouds: join(data, 'clouds.yaml'),
    kind: join(data, 'kind'),
    bus: join(control, 'bus.sock'),
    ready: join(control, 'ready.json'),
    settings: join(run, 'settings.json'),
    engine: join(run, 'engine.json'),
    processes: join(run, 'processes.json'),
    supervisorLock: join(run, 'supervisor.lock'),
    commandLock: join(run, 'command.lock'),
  };
}

/** What control says when it is up. */
export interface Ready {
  readonly pid: number;
  readonly version: string;
  /** Ports listened on, by service. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Where OVN and the switch of this host are reached, as OVSDB remotes. */
export interface EngineAddresses {
  readonly northbound: string;
  readonly southbound: string;
  readonly switch: string;
}

/** How a cloud was started: the configuration file with the command line's own words over it. */
export interface Settings<Config> {
  readonly config: Config;
  /** Account of control when the machine's root runs the cloud. */
  readonly account: { readonly uid: number; readonly gid: number } | null;
}
