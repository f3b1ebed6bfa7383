import { readFileSync, readlinkSync } from 'node:fs';

import { JsonRpc } from '#protocols/ovsdb/json-rpc.ts';

import { readSettings } from './settings.ts';

/** Where Open vSwitch and OVN keep their sockets when the operating system runs them. */
export interface HostDirectories {
  readonly openvswitch: string;
  readonly ovn: string;
}

/** Where Debian's and Ubuntu's packages put the sockets and pid files. */
export const standardDirectories: HostDirectories = { openvswitch: '/run/openvswitch', ovn: '/run/ovn' };

/** What of Open vSwitch and OVN the operating system runs on this host. */
export interface HostEngine {
  /** The switch's database, when there is a switch. */
  readonly switch: string | undefined;
  /** Whether ovn-controller programs that switch. */
  readonly controller: boolean;
  /** The Northbound database, when there is one here. */
  readonly northbound: string | undefined;
  /** The Southbound database the switch has been made part of; undefined while nobody has configured it. */
  readonly southbound: string | undefined;
}

/** Looks for what the operating system runs. */
export async function findHostEngine(at: HostDirectories = standardDirectories): Promise<HostEngine> {
  const database = `unix:${at.openvswitch}/db.sock`;
  const runs = isRunning(`${at.openvswitch}/ovs-vswitchd.pid`) && (await answers(database));
  if (!runs) return { switch: undefined, controller: false, northbound: undefined, southbound: undefined };
  const northbound = `unix:${at.ovn}/ovnnb_db.sock`;
  return {
    switch: database,
    controller: isRunning(`${at.ovn}/ovn-controller.pid`),
    northbound: (await answers(northbound)) ? northbound : undefined,
    southbound: await configuredSouthbound(database),
  };
}

const configuredSouthbound = (database: string): Promise<string | undefined> =>
  readSettings(database).then(
    (settings) => settings['ovn-remote'],
    () => undefined,
  );

/** Whether a daemon runs, and in our network namespace: sockets lie in a file system that others share. */
function isRunning(pidFile: string): boolean {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

/** Whether an OVSDB server listens there and speaks. */
export async function answers(remote: string): Promise<boolean> {
  try {
    const rpc = await JsonRpc.connect(remote);
    try {
      await rpc.call('list_dbs', []);
      return true;
    } finally {
      rpc.close();
    }
  } catch {
    return false;
  }
}
