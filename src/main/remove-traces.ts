import { existsSync, readFileSync } from 'node:fs';

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

/**
 * Removes what a cloud with real guests leaves beyond its data directory, once its processes have ended: guests,
 * devices, and its rows where the network engine is not its own. Answers how many guests there were.
 */
export async function removeTraces(layout: Layout): Promise<number> {
  if (!existsSync(layout.settings)) return 0;
  const { config } = JSON.parse(readFileSync(layout.settings, 'utf8')) as Settings<StratalithConfig>;
  const log = silentLog();
  const guests = config.drivers.virt === 'qemu' ? await removeGuests(layout, config, log) : 0;
  if (config.drivers.net === 'ovn' && existsSync(layout.engine)) await removeNetworks(layout, config, log);
  return guests;
}

async function removeGuests(layout: Layout, config: StratalithConfig, log: Logger): Promise<number> {
  const driver = await QemuDriver.open({
    directory: layout.agent,
    guestUser: findGuestUser(config.qemu.guest_user),
    options: { ...config.qemu, acceleration: 'tcg' },
    log,
  });
  try {
    const guests = await driver.adopt();
    for (const { id } of guests) await driver.destroy(id);
    return guests.length;
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
