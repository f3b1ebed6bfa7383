import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { SmallDisk } from '#test/support/small-disk.ts';
import { tinySpec } from '#test/support/virt/bed.ts';
import { missingForQemu, type QemuBed } from '#test/support/virt/qemu-bed.ts';
import { patience, qemuBeds } from '#test/support/virt/qemu-beds.ts';

const missing = missingForQemu();
const why = missing.length > 0 ? ` (not run: needs ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`guests on a disk that is full${why}`, () => {
  const { open, create, power } = qemuBeds();

  /** A bed on a disk that can be filled, with room for some guests and the state of one. */
  async function onSmallDisk(): Promise<{ bed: QemuBed; disk: SmallDisk }> {
    const disk = new SmallDisk(mkdtempSync('/tmp/sv-'), 600);
    const bed = await open({ directory: disk.path }, () => {
      disk.unmount();
      rmSync(disk.path, { recursive: true });
    });
    return { bed, disk };
  }

  test('a guest that finds no room waits for it; nothing else is lost', async () => {
    const { bed, disk } = await onSmallDisk();
    const spec = await create(bed);
    await bed.booted(spec.id);
    disk.fill();
    const write = 'dd if=/dev/urandom of=/root/big bs=1M count=8; sync; md5sum /root/big';
    const written = bed.shell(spec.id, write);
    written.catch(() => {});
    await expect.poll(() => bed.changes.map((guest) => guest.power), patience).toContain('paused');
    expect(await power(bed, spec)).toBe('paused');
    disk.fill();
    const failed = tinySpec();
    await expect(bed.driver.create(failed, bed.images, [])).rejects.toThrow('no room');
    await bed.driver.destroy(failed.id);
    disk.fill();
    await expect(bed.driver.snapshot(spec.id, newUuid())).rejects.toThrow('no room');
    expect(readdirSync(join(bed.home(spec.id), 'snapshots'))).toEqual([]);
    disk.free();
    await expect.poll(() => power(bed, spec), patience).toBe('running');
    expect(await written).toMatch(/[0-9a-f]{32} {2}\/root\/big/);
  });

  test('one that is paused while it waits goes on only when it is told to, be it from a saved state', async () => {
    const { bed, disk } = await onSmallDisk();
    const [held, other] = [await create(bed), await create(bed)];
    disk.fill();
    // while it boots, a guest writes
    for (const spec of [held, other]) await expect.poll(() => power(bed, spec), patience).toBe('paused');
    await bed.driver.pause(held.id);
    disk.free();
    // they are looked after in the order they were made in
    await expect.poll(() => power(bed, other), patience).toBe('running');
    expect(await power(bed, held)).toBe('paused');
    // it still waits for what was written to be tried again
    await bed.driver.suspend(held.id);
    await bed.driver.resume(held, []);
    expect(await power(bed, held)).toBe('running');
    await bed.booted(held.id);
  });

  test('a guest that cannot be suspended for want of room goes on', async () => {
    const { bed, disk } = await onSmallDisk();
    const spec = await create(bed);
    await bed.booted(spec.id);
    disk.fill();
    await expect(bed.driver.suspend(spec.id)).rejects.toThrow('no room');
    expect(readdirSync(bed.home(spec.id)).filter((name) => name.startsWith('saved'))).toEqual([]);
    disk.free();
    // it may have met the full disk itself
    await expect.poll(() => power(bed, spec), patience).toBe('running');
    expect(await bed.shell(spec.id, 'echo alive')).toContain('alive');
    await bed.driver.suspend(spec.id);
    await bed.driver.resume(spec, []);
    expect(await bed.shell(spec.id, 'echo alive')).toContain('alive');
  });

  test('with a full disk guests can be stopped and destroyed, and what needs room says so', async () => {
    const { bed, disk } = await onSmallDisk();
    const [stays, goes] = [await create(bed), await create(bed, { swapMb: 16 })];
    disk.fill();
    await bed.driver.stop(stays.id, 0);
    expect(await power(bed, stays)).toBe('shutdown');
    const needsRoom = [
      () => bed.driver.start(stays, bed.images, []),
      () => bed.driver.rebuild(stays, bed.images),
      () => bed.driver.resize({ ...stays, rootGb: 2 }),
      () => bed.driver.snapshot(stays.id, newUuid()),
      () => bed.driver.suspend(goes.id),
    ];
    for (const work of needsRoom) {
      // what was given up may have left some
      disk.fill();
      await expect(work()).rejects.toThrow('no room');
    }
    await bed.driver.destroy(goes.id);
    expect((await bed.driver.list()).map(({ id }) => id)).toEqual([stays.id]);
    await bed.letGo();
    disk.fill();
    expect(await bed.takeUp()).toMatchObject([{ id: stays.id, power: 'shutdown' }]);
    disk.free();
    await bed.driver.start(stays, bed.images, []);
    expect(await power(bed, stays)).toBe('running');
    expect(await bed.driver.orphans([stays.id])).toEqual([]);
  });
});
