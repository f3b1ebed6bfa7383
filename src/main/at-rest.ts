// What the command line does with guests and networks while no process of the cloud runs.

import { existsSync, readFileSync } from 'node:fs';

import type { GuestState } from '#contracts/guest.ts';
import type { Layout, Settings } from '#contracts/machine.ts';
import { ownersOf, removeDevice } from '#drivers/net/ovn/devices.ts';
import { OvnDriver } from '#drivers/net/ovn/driver.ts';
import { OvnHost } from '#drivers/net/ovn/host.ts';
import { metadataDevice } from '#drivers/net/ovn/metadata-namespace.ts';
import { tapName } from '#drivers/net/ovn/taps.ts';
import { integrationBridge } from '#drivers/net/ovn/vswitch.ts';
import { QemuDriver } from '#drivers/virt/qemu/driver.ts';
import { findGuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { type Logger, silentLog } from '#kit/log/log.ts';

import type { StratalithConfig } from './config.ts';
import { readEngine } from './engine-addresses.ts';

/** How long a guest that is asked to shut down may take, in milliseconds. */
const shutdownMs = 60_000;

/** Asks every guest to shut down, and pulls the plug of those that do not. Answers how many ran. */
export async function stopGuests(layout: Layout): Promise<number> {
  return withGuests(layout, async (driver, guests) => {
    const running = guests.filter(({ power }) => power === 'running' || power === 'paused');
    await Promise.all(running.map(({ id }) => driver.stop(id, shutdownMs)));
    return running.length;
  });
}

/** Removes every guest with its disks, and every device and row of the networks. Answers how many guests there were. */
export async function removeTraces(layout: Layout): Promise<number> {
  const count = await withGuests(layout, async (driver, guests) => {
    for (const { id } of guests) await driver.destroy(id);
    return guests.length;
  });
  const config = configOf(layout);
  if (config?.drivers.net === 'ovn' && existsSync(layout.engine))
    await removeNetworks(layout, config, silentLog());
  return count;
}

/** The configuration the cloud was started with last; undefined when it never was. */
const configOf = (layout: Layout): StratalithConfig | undefined =>
  existsSync(layout.settings)
    ? (JSON.parse(readFileSync(layout.settings, 'utf8')) as Settings<StratalithConfig>).config
    : undefined;

/** Takes the guests of this host in hand as an agent would; none where guests are simulated. */
async function withGuests(
  layout: Layout,
  work: (driver: QemuDriver, guests: readonly GuestState[]) => Promise<number>,
): Promise<number> {
  const config = configOf(layout);
  if (config?.drivers.virt !== 'qemu') return 0;
  const driver = await QemuDriver.open({
    directory: layout.agent,
    guestUser: findGuestUser(config.qemu.guest_user),
    // nothing is started here: there is nothing to probe for
    options: { ...config.qemu, acceleration: 'tcg' },
    log: silentLog(),
  });
  try {
    return await work(driver, await driver.adopt());
  } finally {
    await driver.close();
  }
}

async function removeNetworks(layout: Layout, config: StratalithConfig, log: Logger): Promise<void> {
  const engine = readEngine(layout);
  const isOwn = (remote: string): boolean => remote.startsWith(`unix:${layout.ovn}/`);
  if (!isOwn(engine.northbound)) await emptyNorthbound(new OvnDriver({ ...engine, log }));
  if (!isOwn(engine.switch)) await unplugAll(new OvnHost({ switch: engine.switch, log }));
  for (const id of await ownersOf('port')) await removeDevice(tapName(id));
  for (const id of await ownersOf('metadata')) await removeDevice(metadataDevice(id));
  if (!isOwn(engine.switch)) return;
  const bridges = config.ovn.bridges.map((pair) => pair.slice(pair.indexOf(':') + 1));
  for (const device of [integrationBridge, ...bridges, 'ovs-netdev', 'ovs-system'])
    await removeDevice(device);
}

async function emptyNorthbound(driver: OvnDriver): Promise<void> {
  try {
    for (const kind of ['port', 'router', 'network', 'securityGroup'] as const) {
      const ids = await driver.present(kind);
      await driver.apply(ids.map((id) => ({ kind, id, wanted: null })));
    }
  } finally {
    await driver.close();
  }
}

async function unplugAll(host: OvnHost): Promise<void> {
  try {
    for (const name of await host.orphans({ ports: [], networks: [] })) await host.removeOrphan(name);
  } finally {
    await host.close();
  }
}
