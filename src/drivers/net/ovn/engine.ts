import { chmod, chown } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ChildSpec } from '#kit/process/supervisor.ts';

import {
  availableDatapath,
  centralDaemons,
  centralSockets,
  controllerDaemon,
  type DaemonParts,
  missingPrograms,
  raiseBridges,
  switchDaemons,
  switchSocket,
} from './daemons.ts';
import { findHostEngine, type HostDirectories, type HostEngine } from './host-engine.ts';
import { type Datapath, type SwitchSettings, writeSettings } from './settings.ts';

/** What the network engine of one machine is to be. */
export interface EngineParts extends DaemonParts {
  /** The hypervisor's name in the cloud. */
  readonly hostname: string;
  /** Bridges to physical networks, by physical network: `{ public: 'br-ex' }`. */
  readonly bridges: Readonly<Record<string, string>>;
  /** CIDRs bridges have on this host, by bridge: `{ 'br-ex': '172.24.4.1/24' }`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Left out: the kernel's where there is one. */
  readonly datapath?: Datapath | undefined;
  /** Left out: loopback, for a machine that is alone. */
  readonly encapAddress?: string | undefined;
  /** OVN's databases when they run elsewhere. */
  readonly remotes?: { readonly northbound: string; readonly southbound: string } | undefined;
  /** Whether to use what the operating system runs, if it does. */
  readonly useHosts: boolean;
  /** Where the operating system's daemons have their sockets, unless in the standard places. */
  readonly hostDirectories?: HostDirectories | undefined;
}

/** The network engine of this machine: what to keep running, and where to reach it. */
export interface Engine {
  /** Processes in the order they start; none when everything runs already. */
  readonly children: readonly ChildSpec[];
  readonly northbound: string;
  readonly southbound: string;
  /** The switch's database, for the agent. */
  readonly switch: string;
  readonly datapath: Datapath;
}

/**
 * Works out the processes a machine needs for its networks. What the operating system runs is used and not started a
 * second time: a switch cannot share the kernel's datapath with another, and a host that has been made part of an OVN
 * stays part of it. Throws with a message for the operator when that cannot be had.
 */
export async function networkEngine(parts: EngineParts): Promise<Engine> {
  const found = parts.useHosts ? await findHostEngine(parts.hostDirectories) : undefined;
  const central = await chooseCentral(parts, found);
  const settings: SwitchSettings = {
    hostname: parts.hostname,
    southbound: central.southbound,
    datapath: parts.datapath ?? (await availableDatapath()),
    encapAddress: parts.encapAddress ?? '127.0.0.1',
    bridges: parts.bridges,
  };
  const switchRemote = found?.switch ?? switchSocket(parts.directory);
  if (found?.switch) await configureHostSwitch(found.switch, settings, parts);
  const children = [
    ...(central.ours ? centralDaemons(parts) : []),
    ...(found?.switch ? [] : switchDaemons({ ...parts, settings })),
    ...(found?.controller ? [] : [controllerDaemon(parts, switchRemote, dirname(pathOf(switchRemote)))]),
  ];
  const missing = missingPrograms();
  if (children.length > 0 && missing.length > 0)
    throw new Error(
      `not installed: ${missing.join(', ')} (packages openvswitch-switch ovn-central ovn-host)`,
    );
  return {
    children,
    northbound: central.northbound,
    southbound: central.southbound,
    switch: switchRemote,
    datapath: settings.datapath,
  };
}

interface Central {
  readonly northbound: string;
  readonly southbound: string;
  readonly ours: boolean;
}

async function chooseCentral(parts: EngineParts, found: HostEngine | undefined): Promise<Central> {
  if (parts.remotes) return { ...parts.remotes, ours: false };
  const own = centralSockets(parts.directory);
  const southbound = found?.southbound;
  if (!southbound || southbound === own.southbound) return { ...own, ours: true };
  if (!found.northbound)
    throw new Error(`this host belongs to the OVN at ${southbound}: say where its Northbound database is`);
  await admit(parts, found.northbound);
  await admit(parts, southbound);
  return { northbound: found.northbound, southbound, ours: false };
}

/** Lets control's group, and nobody else, reach a database socket of the operating system's. */
async function admit({ account }: EngineParts, remote: string): Promise<void> {
  if (!account || !remote.startsWith('unix:')) return;
  await chown(pathOf(remote), 0, account.gid);
  await chmod(pathOf(remote), 0o770);
}

/** What an operator has set on the switch stays. */
async function configureHostSwitch(
  remote: string,
  settings: SwitchSettings,
  parts: EngineParts,
): Promise<void> {
  await writeSettings(remote, settings, 'add');
  for (let tries = 0; !(await raiseBridges(settings, parts.addresses)); tries++) {
    if (tries === bridgeTries) throw new Error(`the switch at ${remote} does not make its bridges`);
    await sleep(100);
  }
}

const bridgeTries = 50;
const pathOf = (remote: string): string => remote.replace(/^unix:/, '');
