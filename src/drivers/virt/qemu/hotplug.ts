import { setTimeout as sleep } from 'node:timers/promises';

import type { GuestHardware, GuestInterface } from '#contracts/guest.ts';
import { conflict } from '#kit/errors/cloud-error.ts';
import { type QmpClient, QmpError } from '#protocols/qmp/client.ts';

import type { Plug } from '../driver.ts';
import type { Guest } from './guest.ts';
import type { Nic } from './manifest.ts';
import { netdevId, netdevOf, nicDevice, nicId, placeNics } from './nics.ts';

const detachTimeoutMs = 30_000;
/** A guest that is still booting does not hear that a card is to go. */
const askEveryMs = 3000;

/** Gives a guest an interface, also while it runs. One that it has is left alone. */
export async function attachNic(
  guest: Guest,
  nic: GuestInterface,
  plug: Plug,
  model: GuestHardware['vifModel'],
): Promise<void> {
  const { nics, spec, machine } = guest.manifest;
  const interfaces = [...spec.interfaces.filter(({ portId }) => portId !== nic.portId), nic];
  const placed = placeNics(interfaces, nics, [...nics, plug], model, machine);
  await guest.commit({ nics: placed, spec: { ...spec, interfaces } });
  if (!guest.process) return;
  try {
    await plugIn(guest.process.qmp, placed.at(-1)!, machine);
  } catch (error) {
    // it finds the interface when it is started again
    if (await isDead(guest)) return;
    await detachNic(guest, nic.portId);
    throw conflict(`Failed to attach network adapter device to ${guest.id}`, {}, error);
  }
}

/** Takes an interface from a guest, also while it runs. Tolerates absence. Throws `conflict` when the guest keeps it. */
export async function detachNic(guest: Guest, portId: string): Promise<void> {
  if (guest.process)
    await pullOut(guest.process.qmp, portId, guest.id).catch(async (error: unknown) => {
      if (!(await isDead(guest))) throw error;
    });
  const { nics, spec } = guest.manifest;
  if (!nics.some((nic) => nic.portId === portId)) return;
  const without = <T extends { portId: string }>(list: readonly T[]) =>
    list.filter((nic) => nic.portId !== portId);
  await guest.commit({ nics: without(nics), spec: { ...spec, interfaces: without(spec.interfaces) } });
}

/** Whether the guest died meanwhile. */
async function isDead(guest: Guest): Promise<boolean> {
  await guest.settle();
  return guest.process === undefined;
}

async function plugIn(qmp: QmpClient, nic: Nic, machine: string): Promise<void> {
  if (await isPluggedIn(qmp, nic.portId)) return;
  const netdev = nic.tap === null ? undefined : netdevOf(nic, nic.tap);
  const [driver, properties] = nicDevice(nic, machine);
  // left over when a driver was killed between the two
  if (netdev) await qmp.execute('netdev_del', { id: netdev.id }).catch(() => {});
  if (netdev) await qmp.execute('netdev_add', netdev);
  await qmp.execute('device_add', { driver, ...properties });
}

/** The guest must let go of the card before its other end may go. */
async function pullOut(qmp: QmpClient, portId: string, guest: string): Promise<void> {
  const id = nicId(portId);
  for (const deadline = Date.now() + detachTimeoutMs; await isPluggedIn(qmp, portId);) {
    if (Date.now() > deadline)
      throw conflict(
        `Failed to detach network adapter device from ${guest}: the guest does not let go of it.`,
      );
    const gone = qmp.waitFor(
      ({ event, data }) => event === 'DEVICE_DELETED' && data?.device === id,
      askEveryMs,
    );
    // refused while an earlier request is pending, or when the device has just gone
    await qmp.execute('device_del', { id }).catch(async (error: unknown) => {
      if (!(error instanceof QmpError)) throw error;
      await sleep(20);
    });
    await gone;
  }
  await qmp.execute('netdev_del', { id: netdevId(portId) }).catch((error: unknown) => {
    if (!(error instanceof QmpError)) throw error;
  });
}

async function isPluggedIn(qmp: QmpClient, portId: string): Promise<boolean> {
  const devices = await qmp.execute('qom-list', { path: '/machine/peripheral' });
  return devices.some(({ name }) => name === nicId(portId));
}
