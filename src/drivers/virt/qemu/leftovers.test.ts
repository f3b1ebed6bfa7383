import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { QmpClient } from '#protocols/qmp/client.ts';
import { tinySpec } from '#test/support/virt/bed.ts';
import { missingForQemu, type QemuBed, qemuBed } from '#test/support/virt/qemu-bed.ts';

import { findGuestUser } from './guest-user.ts';

const missing = missingForQemu();
const why = missing.length > 0 ? ` (not run: needs ${missing.join(', ')})` : '';

describe.skipIf(missing.length > 0)(`what is left behind in a guest's directory${why}`, () => {
  let bed: QemuBed;
  let spec: GuestSpec;
  beforeEach(async () => {
    bed = await qemuBed();
    await bed.driver.adopt();
    spec = tinySpec();
    await bed.driver.create(spec, bed.images, []);
  });
  afterEach(() => bed.close());

  test('disks nobody refers to are named, and go; the guest stays', async () => {
    mkdirSync(join(bed.home(spec.id), 'disks-7'));
    const [name] = await bed.driver.orphans([spec.id]);
    expect(name).toBe(`leftover ${spec.id}/disks-7`);
    await bed.driver.removeOrphan(name!);
    expect(await bed.driver.orphans([spec.id])).toEqual([]);
    expect(await bed.driver.list()).toMatchObject([{ id: spec.id, power: 'running' }]);
    await bed.driver.stop(spec.id, 0);
    await bed.driver.start(spec, bed.images, []);
  });

  test('a snapshot that was being taken when the agent was killed is given up by the next one', async () => {
    await bed.letGo();
    const monitor = join(bed.home(spec.id), 'run', 'qmp.sock');
    const snapshots = join(bed.home(spec.id), 'snapshots');
    const target = join(snapshots, `${newUuid()}.qcow2.tmp`);
    mkdirSync(snapshots, { mode: 0o711 });
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', target, '1G']);
    const user = findGuestUser()!;
    chownSync(target, user.uid, user.gid);
    const killed = await QmpClient.connect(monitor);
    const file = { driver: 'file', filename: target, discard: 'unmap' } as const;
    await killed.execute('blockdev-add', { driver: 'qcow2', 'node-name': 'snapshot-target', file });
    const backup = { device: 'root', target: 'snapshot-target', sync: 'full', compress: false } as const;
    const slow = { 'job-id': 'snapshot', 'auto-dismiss': false, ...backup, speed: 1 };
    await killed.execute('blockdev-backup', slow);
    expect(await killed.execute('query-jobs', undefined)).toHaveLength(1);
    killed.close();

    await bed.takeUp();
    expect(existsSync(snapshots)).toBe(false);
    await bed.letGo();
    const next = await QmpClient.connect(monitor);
    expect(await next.execute('query-jobs', undefined)).toEqual([]);
    next.close();
    await bed.takeUp();
    expect((await bed.driver.snapshot(spec.id, newUuid())).format).toBe('qcow2');
  });

  test('a state that was being saved when the agent was killed is given up by the next one', async () => {
    await bed.letGo();
    const run = join(bed.home(spec.id), 'run');
    // the kernel takes a connection for a listener that does not get to it, and QEMU writes until that is full
    const deaf = createServer({ pauseOnConnect: true });
    const socket = join(run, 'mig.sock');
    deaf.listen(socket);
    await once(deaf, 'listening');
    const user = findGuestUser()!;
    chownSync(socket, user.uid, user.gid);
    const killed = await QmpClient.connect(join(run, 'qmp.sock'));
    await killed.execute('stop', undefined);
    await killed.execute('migrate', { uri: `unix:${socket}` });
    killed.close();

    await bed.takeUp();
    await bed.driver.suspend(spec.id);
    expect(await bed.driver.list()).toMatchObject([{ id: spec.id, power: 'suspended' }]);
    deaf.close();
    await bed.driver.resume(spec, []);
    expect(await bed.driver.list()).toMatchObject([{ id: spec.id, power: 'running' }]);
  });
});
