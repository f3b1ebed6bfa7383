import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { newNic, tinySpec, type VirtBed } from '#test/support/virt/bed.ts';
import { missingForQemu, qemuBed } from '#test/support/virt/qemu-bed.ts';
import { patience } from '#test/support/virt/qemu-beds.ts';
import { simBed } from '#test/support/virt/sim-bed.ts';

/** What every hypervisor driver promises. */
function virtContract(open: () => Promise<VirtBed>): void {
  let bed: VirtBed;
  beforeEach(async () => {
    bed = await open();
    await bed.driver.adopt();
  });
  afterEach(() => bed.close());

  const create = async (change: Partial<GuestSpec> = {}): Promise<GuestSpec> => {
    const spec = tinySpec(change);
    await bed.driver.create(spec, bed.images, await plugs(spec));
    return spec;
  };
  const plugs = (spec: GuestSpec) => Promise.all(spec.interfaces.map(({ portId }) => bed.plug(portId)));
  const power = async ({ id }: GuestSpec) => (await bed.driver.list()).find((g) => g.id === id)?.power;
  const noChange = async () => expect(bed.changes).toEqual([]);

  test('a created guest runs with its interfaces; creating it again leaves it alone', async () => {
    const spec = await create({ interfaces: [newNic(), newNic()] });
    const first = await bed.incarnation(spec.id);
    await bed.driver.create(spec, bed.images, await plugs(spec));
    expect(await bed.incarnation(spec.id)).toBe(first);
    const ports = spec.interfaces.map(({ portId }) => portId);
    expect(await bed.driver.list()).toEqual([{ id: spec.id, power: 'running', ports }]);
    await noChange();
  });

  test('a destroyed guest is gone, in whatever state it was', async () => {
    const specs = [await create(), await create(), await create()];
    await bed.driver.pause(specs[1]!.id);
    await bed.driver.suspend(specs[2]!.id);
    for (const { id } of specs) await bed.driver.destroy(id);
    for (const { id } of specs) await bed.driver.destroy(id);
    expect(await bed.driver.list()).toEqual([]);
    expect(await bed.driver.orphans([])).toEqual([]);
    await noChange();
  });

  test('a guest nobody knows is not found', async () => {
    const { driver } = bed;
    const spec = tinySpec();
    const { id } = spec;
    const calls = [
      () => driver.start(spec, bed.images, []),
      () => driver.stop(id, 0),
      () => driver.softReboot(id, 0),
      () => driver.pause(id),
      () => driver.unpause(id),
      () => driver.interrupt(id),
      () => driver.suspend(id),
      () => driver.resume(spec, []),
      () => driver.rebuild(spec, bed.images),
      () => driver.resize(spec),
      () => driver.snapshot(id, newUuid()),
      () => driver.consoleLog(id, 1),
      () => driver.diagnostics(id),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ kind: 'notFound' });
    await driver.destroy(id);
    await driver.discardSnapshot(id, newUuid());
  });

  test('stops and starts, each as often as it is asked to', async () => {
    const spec = await create();
    await bed.driver.stop(spec.id, 0);
    await bed.driver.stop(spec.id, 0);
    expect(await power(spec)).toBe('shutdown');
    await bed.driver.start(spec, bed.images, []);
    const started = await bed.incarnation(spec.id);
    await bed.driver.start(spec, bed.images, []);
    expect(await power(spec)).toBe('running');
    expect(await bed.incarnation(spec.id)).toBe(started);
    await noChange();
  });

  test('starting with another spec starts anew, with the interfaces it names', async () => {
    const spec = await create({ interfaces: [newNic()] });
    const first = await bed.incarnation(spec.id);
    const other = { ...spec, memoryMb: 160, interfaces: [newNic()] };
    await bed.driver.start(other, bed.images, await plugs(other));
    expect(await bed.incarnation(spec.id)).not.toBe(first);
    const ports = [other.interfaces[0]!.portId];
    expect(await bed.driver.list()).toEqual([{ id: spec.id, power: 'running', ports }]);
  });

  test('one that does not run does not reboot when asked to', async () => {
    const spec = await create();
    await bed.driver.stop(spec.id, 0);
    expect(await bed.driver.softReboot(spec.id, 1000)).toBe(false);
    expect(await power(spec)).toBe('shutdown');
    await bed.driver.start(spec, bed.images, []);
    await bed.die(spec.id);
    expect(await bed.driver.softReboot(spec.id, 1000)).toBe(false);
  });

  test('pauses and goes on, and takes an interrupt', async () => {
    const spec = await create();
    await bed.driver.pause(spec.id);
    await bed.driver.pause(spec.id);
    expect(await power(spec)).toBe('paused');
    await bed.driver.unpause(spec.id);
    await bed.driver.unpause(spec.id);
    expect(await power(spec)).toBe('running');
    await bed.driver.interrupt(spec.id);
    expect(await power(spec)).toBe('running');
    await bed.driver.stop(spec.id, 0);
    await expect(bed.driver.pause(spec.id)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(bed.driver.interrupt(spec.id)).rejects.toMatchObject({ kind: 'conflict' });
    await noChange();
  });

  test('is suspended and resumed, also by another driver', async () => {
    const spec = await create({ interfaces: [newNic()] });
    await bed.driver.suspend(spec.id);
    await bed.driver.suspend(spec.id);
    expect(await power(spec)).toBe('suspended');
    await bed.letGo();
    expect(await bed.takeUp()).toMatchObject([{ id: spec.id, power: 'suspended' }]);
    await bed.driver.resume(spec, await plugs(spec));
    await bed.driver.resume(spec, await plugs(spec));
    expect(await power(spec)).toBe('running');
    await noChange();
  });

  test('is rebuilt when it is stopped', async () => {
    const spec = await create();
    await bed.driver.stop(spec.id, 0);
    const rebuilt = { ...spec, image: { ...spec.image, id: newUuid() } };
    await bed.driver.rebuild(rebuilt, bed.images);
    await bed.driver.rebuild(rebuilt, bed.images);
    expect(await power(spec)).toBe('shutdown');
    await bed.driver.start(rebuilt, bed.images, []);
    expect(await power(spec)).toBe('running');
  });

  test('is resized, and the resize confirmed', async () => {
    const spec = await create();
    await bed.driver.stop(spec.id, 0);
    const larger = { ...spec, vcpus: 2, rootGb: 2, ephemeralGb: [1] };
    await bed.driver.resize(larger);
    await bed.driver.resize(larger);
    await bed.driver.start(larger, bed.images, []);
    await bed.driver.confirmResize(spec.id);
    await bed.driver.confirmResize(spec.id);
    const { cpus } = await bed.driver.diagnostics(spec.id);
    expect(cpus).toHaveLength(2);
  });

  test('is resized, and the resize reverted', async () => {
    const spec = await create();
    await bed.driver.stop(spec.id, 0);
    const larger = { ...spec, vcpus: 2, rootGb: 2 };
    await bed.driver.resize(larger);
    await bed.driver.start(larger, bed.images, []);
    await bed.driver.stop(spec.id, 0);
    await bed.driver.revertResize(spec);
    await bed.driver.revertResize(spec);
    await bed.driver.start(spec, bed.images, []);
    const { cpus } = await bed.driver.diagnostics(spec.id);
    expect(cpus).toHaveLength(1);
  });

  test('is rescued and comes back', async () => {
    const spec = await create();
    const rescued = { ...spec, rescue: { ...spec.image, id: newUuid() } };
    await bed.driver.start(rescued, bed.images, []);
    await bed.driver.start(rescued, bed.images, []);
    expect(await power(spec)).toBe('running');
    await bed.driver.stop(spec.id, 0);
    await bed.driver.start(spec, bed.images, []);
    expect(await power(spec)).toBe('running');
    await noChange();
  });

  test('a snapshot is a qcow2 file of its own, whether the guest runs or not', async () => {
    const spec = await create();
    const [live, cold] = [newUuid(), newUuid()];
    const first = await bed.driver.snapshot(spec.id, live);
    expect(await power(spec)).toBe('running');
    await bed.driver.stop(spec.id, 0);
    const second = await bed.driver.snapshot(spec.id, cold);
    for (const { path, format } of [first, second]) {
      const header = readFileSync(path).subarray(0, 16);
      expect([format, header.toString('latin1', 0, 4)]).toEqual(['qcow2', 'QFI\xfb']);
      expect(header.readBigUInt64BE(8)).toBe(0n);
    }
    expect(await bed.driver.snapshot(spec.id, cold)).toEqual(second);
    for (const id of [live, cold, cold]) await bed.driver.discardSnapshot(spec.id, id);
    expect(() => readFileSync(first.path)).toThrow('ENOENT');
  });

  test('takes an interface more while it runs and while it does not', async () => {
    const spec = await create({ interfaces: [newNic()] });
    const added = newNic();
    const plug = await bed.plug(added.portId);
    await bed.driver.attachInterface(spec.id, added, plug, 'virtio');
    await bed.driver.attachInterface(spec.id, added, plug, 'virtio');
    const ports = [spec.interfaces[0]!.portId, added.portId];
    expect((await bed.driver.list())[0]!.ports).toEqual(ports);
    await bed.driver.stop(spec.id, 0);
    await bed.driver.detachInterface(spec.id, ports[0]!);
    await bed.driver.detachInterface(spec.id, ports[0]!);
    const changed = { ...spec, interfaces: [added] };
    await bed.driver.start(changed, bed.images, await plugs(changed));
    expect((await bed.driver.list())[0]!.ports).toEqual([added.portId]);
  });

  test('a guest that dies is told of, and can be started again', async () => {
    const spec = await create();
    await bed.die(spec.id);
    await expect.poll(() => bed.changes, patience).toMatchObject([{ id: spec.id, power: 'crashed' }]);
    expect(await power(spec)).toBe('crashed');
    await bed.driver.start(spec, bed.images, []);
    expect(await power(spec)).toBe('running');
    expect(bed.changes).toHaveLength(1);
  });

  test('a guest that dies or goes on while no driver watches is found as it is', async () => {
    const [dies, lives, stopped] = [await create(), await create(), await create()];
    await bed.driver.stop(stopped.id, 0);
    const before = await bed.incarnation(lives.id);
    await bed.letGo();
    await bed.die(dies.id);
    const found = new Map((await bed.takeUp()).map((guest) => [guest.id, guest.power]));
    expect([dies, lives, stopped].map(({ id }) => found.get(id))).toEqual(['crashed', 'running', 'shutdown']);
    expect(await bed.incarnation(lives.id)).toBe(before);
    bed.changes.length = 0;
    await bed.driver.pause(lives.id);
    expect(await power(lives)).toBe('paused');
    await bed.driver.start(dies, bed.images, []);
    expect(await power(dies)).toBe('running');
    await noChange();
  });

  test('tells what a guest uses and what its host has', async () => {
    const spec = await create({ vcpus: 2, interfaces: [newNic()] });
    const used = await bed.driver.diagnostics(spec.id);
    expect(used).toMatchObject({ state: 'running', memory: { maximumMb: 128 } });
    expect(used.cpus.map(({ id }) => id)).toEqual([0, 1]);
    expect(used.nics.map(({ mac }) => mac)).toEqual([spec.interfaces[0]!.mac]);
    expect(used.disks[0]).toMatchObject({ name: 'vda', errors: 0 });
    const host = await bed.driver.host();
    expect(host.vcpus).toBeGreaterThan(0);
    expect(host.memoryMb).toBeGreaterThan(host.memoryUsedMb);
    expect(host.diskGb).toBeGreaterThanOrEqual(host.diskFreeGb);
    expect(host.traits).toContain('COMPUTE_NODE');
    expect(JSON.parse(JSON.stringify(host))).toEqual(host);
  });

  test('names guests nobody owns, and removes them', async () => {
    const [owned, orphan] = [await create(), await create()];
    const names = await bed.driver.orphans([owned.id]);
    expect(names).toEqual([`guest ${orphan.id}`]);
    for (const name of names) await bed.driver.removeOrphan(name);
    expect(await bed.driver.orphans([owned.id])).toEqual([]);
    expect((await bed.driver.list()).map(({ id }) => id)).toEqual([owned.id]);
  });

  test('boots, reboots when asked to, and shuts down when asked to or by itself', async () => {
    const spec = await create();
    await bed.booted(spec.id);
    const log = await bed.driver.consoleLog(spec.id, 1 << 20);
    expect(log).toContain('TINY-READY');
    expect(log.endsWith(await bed.driver.consoleLog(spec.id, 5))).toBe(true);
    const before = await bed.incarnation(spec.id);
    expect(await bed.driver.softReboot(spec.id, 60_000)).toBe(true);
    await bed.booted(spec.id, 2);
    expect(await power(spec)).toBe('running');
    await noChange();
    await bed.driver.stop(spec.id, 60_000);
    expect(await power(spec)).toBe('shutdown');
    await noChange();
    await bed.driver.start(spec, bed.images, []);
    expect(await bed.incarnation(spec.id)).not.toBe(before);
    await bed.booted(spec.id, 3);
    await bed.powerOffInside(spec.id);
    await expect.poll(() => bed.changes, patience).toMatchObject([{ id: spec.id, power: 'shutdown' }]);
  });
}

describe('a simulated hypervisor', () => virtContract(simBed));

const missing = missingForQemu();
const why = missing.length > 0 ? ` (not run: needs ${missing.join(', ')})` : '';
describe.skipIf(missing.length > 0)(`QEMU${why}`, () => virtContract(qemuBed));
