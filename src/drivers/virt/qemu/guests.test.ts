import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { newNic, tinySpec } from '#test/support/virt/bed.ts';
import { missingForQemu, type QemuBed } from '#test/support/virt/qemu-bed.ts';
import { patience, qemuBeds } from '#test/support/virt/qemu-beds.ts';

import { findGuestUser } from './guest-user.ts';
import { probeAcceleration } from './kvm-probe.ts';
import { imageInfo } from './qemu-img.ts';
import { lastWordsIn, spawnQemu } from './spawn.ts';

const missing = missingForQemu();
const why = missing.length > 0 ? ` (not run: needs ${missing.join(', ')})` : '';
const user = findGuestUser();

describe.skipIf(missing.length > 0)(`real guests${why}`, () => {
  const { open, create, power } = qemuBeds();

  test('a guest has no rights beyond its own files', async () => {
    const bed = await open();
    const spec = await create(bed, { swapMb: 16 });
    const status = readFileSync(`/proc/${bed.pid(spec.id)}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)![1];
    const { uid, gid } = user!;
    expect(field('Uid')).toBe([uid, uid, uid, uid].join('\t'));
    expect(field('Gid')).toBe([gid, gid, gid, gid].join('\t'));
    expect(field('Groups')?.trim()).toBe('');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(Number(field(set))).toBe(0);
    expect([field('NoNewPrivs'), field('Seccomp')]).toEqual(['1', '2']);
    const home = bed.home(spec.id);
    for (const name of ['', 'disks-1', 'disks-1/base', 'disks-1/disks.json', 'manifest.json'])
      expect(statSync(join(home, name)).uid).toBe(0);
    for (const name of ['disks-1/root.qcow2', 'disks-1/swap.raw', 'console.log']) {
      const { mode, uid: owner } = statSync(join(home, name));
      expect([mode & 0o777, owner]).toEqual([0o600, uid]);
    }
    expect(statSync(join(home, 'disks-1/base')).mode & 0o222).toBe(0);
    expect(statSync(home).mode & 0o022).toBe(0);
  });

  test('hostile specs are refused before anything is made of them', async () => {
    const bed = await open();
    const nic = newNic();
    const image = { id: '../../etc', format: 'qcow2', size: 1, hash: null };
    const { hardware } = tinySpec();
    const hostile: Partial<GuestSpec>[] = [
      { id: '../escape' },
      { name: 'x,debug-threads=off' },
      { name: '-daemonize' },
      { vcpus: 1.5 },
      { memoryMb: -1 },
      { rootGb: Number.NaN },
      { image },
      { kernel: image },
      { rescue: image },
      { kernelArguments: 'quiet\n-S' },
      { interfaces: [{ ...nic, mac: 'fa:16:3e:00:00:01,netdev=x' }] },
      { interfaces: [{ ...nic, portId: 'x,bus=pcie.0' }] },
      { interfaces: [{ ...nic, mtu: 1e9 }] },
      { configDrive: [{ path: '../../../etc/passwd', content: '', encoding: 'utf8' }] },
      { configDrive: [{ path: '/etc/passwd', content: '', encoding: 'utf8' }] },
      { configDrive: [{ path: 'a=b', content: '', encoding: 'utf8' }] },
      { hardware: { ...hardware, machine: 'none' } },
      { hardware: { ...hardware, machine: 'q35,accel=kvm' } },
    ];
    for (const change of hostile) {
      const spec = tinySpec(change);
      await expect(bed.driver.create(spec, bed.images, []), JSON.stringify(change)).rejects.toMatchObject({
        kind: 'badRequest',
      });
    }
    expect(await bed.driver.list()).toEqual([]);
    for (const name of await bed.driver.orphans([])) await bed.driver.removeOrphan(name);
    expect(readdirSync(join(bed.directory, 'guests'))).toEqual([]);
  });

  test('a booted guest finds its config drive, runs its user data and has its other disks', async () => {
    const bed = await open();
    const metadata = {
      uuid: newUuid(),
      hostname: 'first.example',
      public_keys: { k: 'ssh-ed25519 AAAAC3 me' },
    };
    const configDrive = [
      { path: 'openstack/latest/meta_data.json', content: JSON.stringify(metadata), encoding: 'utf8' },
      {
        path: 'openstack/latest/user_data',
        content: Buffer.from('#!/bin/sh\necho "it says $(hostname)"\n').toString('base64'),
        encoding: 'base64',
      },
    ] as const;
    const spec = await create(bed, { configDrive, ephemeralGb: [1], swapMb: 32, rootGb: 2 });
    const log = await bed.console(spec.id, 'TINY-READY');
    expect(log).toContain(`TINY-METADATA source=config-drive id=${metadata.uuid} hostname=first keys=1`);
    expect(log).toContain('it says first');
    const disks = await bed.shell(spec.id, 'blkid /dev/vd[bc]; lsblk -bno NAME,SIZE -d');
    expect(disks).toMatch(/vdb:.*LABEL="ephemeral0".*TYPE="ext4"/);
    expect(disks).toMatch(/vdc:.*TYPE="swap"/);
    expect(disks).toMatch(/vda\s+2147483648/);
  });

  test.each([
    { diskBus: 'scsi', cdromBus: 'scsi', machine: null },
    { diskBus: 'ide', cdromBus: 'ide', machine: null },
    { diskBus: 'ide', cdromBus: 'ide', machine: 'pc' },
    { diskBus: 'virtio', cdromBus: 'virtio', machine: 'pc' },
  ] as const)('boots from $diskBus on machine type $machine', async (choice) => {
    const bed = await open();
    const metadata = JSON.stringify({ uuid: newUuid(), hostname: 'h' });
    const spec = await create(bed, {
      hardware: { ...tinySpec().hardware, ...choice, videoModel: 'vga' },
      configDrive: [{ path: 'openstack/latest/meta_data.json', content: metadata, encoding: 'utf8' }],
      interfaces: [newNic()],
    });
    const log = await bed.console(spec.id, 'TINY-READY');
    expect(log).toContain('source=config-drive');
    expect(await bed.shell(spec.id, 'cat /sys/class/net/eth0/address')).toContain(spec.interfaces[0]!.mac);
  });

  test.each([
    { diskBus: 'sata', cdromBus: 'sata', vifModel: 'e1000', videoModel: 'cirrus' },
    { diskBus: 'virtio', cdromBus: 'sata', vifModel: 'e1000e', videoModel: 'none' },
    { diskBus: 'virtio', cdromBus: 'virtio', vifModel: 'rtl8139', videoModel: 'vga' },
  ] as const)(
    'starts with $diskBus disks, $vifModel and $videoModel, for guests that have drivers',
    async (choice) => {
      const bed = await open();
      const hardware = { ...tinySpec().hardware, ...choice };
      const spec = await create(bed, { hardware, interfaces: [newNic()], configDrive: [] });
      expect(await power(bed, spec)).toBe('running');
    },
  );

  test('a CD is what a guest of it boots from, and nothing may write to it', async () => {
    const bed = await open();
    const spec = tinySpec({ image: { ...tinySpec().image, format: 'iso' }, rootGb: 0 });
    const { path: cd } = await bed.images.ensure(spec.image);
    const { virtualSize } = await imageInfo(cd, 'raw', user);
    await bed.driver.create(spec, { ensure: async () => ({ path: cd, format: 'raw', virtualSize }) }, []);
    const { disks } = await bed.driver.diagnostics(spec.id);
    expect(disks.map(({ name }) => name)).toEqual(['hda']);
    expect(readdirSync(join(bed.home(spec.id), 'disks-1')).sort()).toEqual(['base', 'disks.json']);
    const { path } = await bed.driver.snapshot(spec.id, newUuid());
    expect((await imageInfo(path, 'qcow2', user)).otherFiles).toEqual([]);
  });

  test('why QEMU refuses a guest is told in its own words', async () => {
    const bed = await open();
    const spec = tinySpec({ memoryMb: 1_000_000_000 });
    await expect(bed.driver.create(spec, bed.images, [])).rejects.toThrow(/cannot set up guest memory/);
  });

  test('consoles can be reached by the group that may, and by nobody else', async () => {
    const consoleGid = 12_345;
    const bed = await open({ consoleGid });
    const spec = await create(bed);
    const [vnc, serial] = [
      await bed.driver.consoleSocket(spec.id, 'vnc'),
      await bed.driver.consoleSocket(spec.id, 'serial'),
    ];
    for (const path of [vnc, serial]) {
      const { mode, gid } = statSync(path);
      expect([mode & 0o777, gid]).toEqual([0o660, consoleGid]);
    }
    const socket = createConnection(vnc);
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(greeting.toString()).toBe('RFB 003.008\n');
    rmSync(serial);
    symlinkSync('/etc/shadow', serial);
    const before = statSync('/etc/shadow').mode;
    await expect(bed.driver.consoleSocket(spec.id, 'serial')).rejects.toMatchObject({ kind: 'conflict' });
    expect(statSync('/etc/shadow').mode).toBe(before);
    await bed.driver.stop(spec.id, 0);
    await expect(bed.driver.consoleSocket(spec.id, 'vnc')).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('boots a kernel given from outside', async () => {
    const bed = await open();
    const { path } = await bed.images.ensure(tinySpec().image);
    const raw = join(bed.directory, 'tiny.raw');
    execFileSync('qemu-img', ['convert', '-O', 'raw', path, raw]);
    for (const name of ['vmlinuz', 'initrd.img'])
      execFileSync('mcopy', ['-i', `${raw}@@1M`, `::${name}`, join(bed.directory, name)]);
    const [kernel, ramdisk] = [newUuid(), newUuid()];
    const files: Record<string, string> = { [kernel]: 'vmlinuz', [ramdisk]: 'initrd.img' };
    const other = (id: string) => ({ id, format: 'aki', size: 1, hash: null });
    const spec = tinySpec({
      kernel: other(kernel),
      ramdisk: other(ramdisk),
      kernelArguments: 'root=LABEL=tinyroot console=ttyS0 quiet net.ifnames=0 from=outside,with=commas',
    });
    const ensure: QemuBed['images']['ensure'] = async (image) =>
      files[image.id]
        ? { path: join(bed.directory, files[image.id]!), format: 'raw', virtualSize: 1 }
        : bed.images.ensure(image);
    await bed.driver.create(spec, { ensure }, []);
    await bed.booted(spec.id);
    expect(await bed.shell(spec.id, 'cat /proc/cmdline')).toContain('from=outside,with=commas');
  });

  test('cards come and go while the guest runs', async () => {
    const bed = await open();
    const spec = await create(bed, { interfaces: [newNic()] });
    await bed.booted(spec.id);
    const nic = newNic();
    await bed.driver.attachInterface(spec.id, nic, await bed.plug(nic.portId), 'virtio');
    await bed.console(spec.id, 'TINY-NIC eth1 added');
    const seen = await bed.shell(spec.id, 'cat /sys/class/net/eth1/address /sys/class/net/eth1/mtu');
    expect(seen).toContain(nic.mac);
    expect(seen).toContain(String(nic.mtu));
    await bed.driver.detachInterface(spec.id, nic.portId);
    await bed.console(spec.id, 'TINY-NIC eth1 removed');
    await bed.driver.detachInterface(spec.id, spec.interfaces[0]!.portId);
    await bed.console(spec.id, 'TINY-NIC eth0 removed');
    expect(await bed.driver.list()).toEqual([{ id: spec.id, power: 'running', ports: [] }]);
  });

  test('memory survives being suspended, and a network card plugged in while running with it', async () => {
    const bed = await open();
    const spec = await create(bed, { interfaces: [newNic()] });
    await bed.booted(spec.id);
    const nic = newNic();
    const plugs = [await bed.plug(spec.interfaces[0]!.portId), await bed.plug(nic.portId)];
    await bed.driver.attachInterface(spec.id, nic, plugs[1]!, 'virtio');
    await bed.console(spec.id, 'TINY-NIC eth1 added');
    await bed.shell(spec.id, 'echo remembered > /dev/shm/note');
    await bed.driver.suspend(spec.id);
    await bed.letGo();
    await bed.takeUp();
    await bed.driver.resume({ ...spec, interfaces: [...spec.interfaces, nic] }, plugs);
    const after = await bed.shell(spec.id, 'cat /dev/shm/note /sys/class/net/eth1/address');
    expect(after).toContain('remembered');
    expect(after).toContain(nic.mac);
    expect(readdirSync(bed.home(spec.id)).filter((name) => name.startsWith('saved'))).toEqual([]);
  });

  test('a resize gives room that a revert takes back, with what was written since', async () => {
    const bed = await open();
    const spec = await create(bed);
    await bed.booted(spec.id);
    await bed.shell(spec.id, 'echo before > /root/note; sync');
    await bed.driver.stop(spec.id, 60_000);
    const larger = { ...spec, rootGb: 2 };
    await bed.driver.resize(larger);
    await bed.driver.start(larger, bed.images, []);
    await bed.booted(spec.id, 2);
    expect(await bed.shell(spec.id, 'df -m / | tail -1')).toMatch(/ 19\d\d /);
    await bed.shell(spec.id, 'echo after > /root/note; sync');
    await bed.driver.stop(spec.id, 0);
    await bed.driver.revertResize(spec);
    await bed.driver.start(spec, bed.images, []);
    await bed.booted(spec.id, 3);
    expect(await bed.shell(spec.id, 'cat /root/note; lsblk -bno SIZE -d /dev/vda')).toMatch(
      /before\s+1073741824/,
    );
    expect(readdirSync(bed.home(spec.id)).filter((name) => name.startsWith('disks-'))).toEqual(['disks-1']);
  });

  test('disks do not shrink, and images do not fit smaller ones', async () => {
    const bed = await open();
    const spec = await create(bed, { rootGb: 2 });
    await bed.driver.stop(spec.id, 0);
    await expect(bed.driver.resize({ ...spec, rootGb: 1 })).rejects.toMatchObject({ kind: 'badRequest' });
    await bed.driver.resize({ ...spec, rootGb: 0 });
    const large = {
      ensure: async () => ({ ...(await bed.images.ensure(spec.image)), virtualSize: 2 ** 31 }),
    };
    const small = tinySpec();
    await expect(bed.driver.create(small, large, [])).rejects.toThrow(
      "Flavor's disk is too small for requested image. Flavor disk is 1073741824 bytes, image is 2147483648 bytes.",
    );
    await bed.driver.destroy(small.id);
  });

  test('a rescued guest boots another disk and has its own as the second', async () => {
    const bed = await open();
    const spec = await create(bed);
    await bed.booted(spec.id);
    await bed.shell(spec.id, 'echo mine > /root/note; sync');
    const rescued = { ...spec, rescue: { ...spec.image, id: newUuid() } };
    await bed.driver.start(rescued, bed.images, []);
    await bed.booted(spec.id, 2);
    const seen = await bed.shell(
      spec.id,
      'ls /root/note; mount /dev/vdb2 /mnt && cat /mnt/root/note; umount /mnt',
    );
    expect(seen).toMatch(/No such file[^]*mine/);
    await bed.driver.start(spec, bed.images, []);
    await bed.booted(spec.id, 3);
    expect(await bed.shell(spec.id, 'cat /root/note')).toContain('mine');
    expect(readdirSync(bed.home(spec.id)).filter((name) => name.startsWith('rescue'))).toEqual([]);
  });

  test.each(['virtio', 'scsi', 'usb', 'ide'] as const)(
    'a guest rescued from a device of its choice on %s keeps its disks in their places',
    async (bus) => {
      const bed = await open();
      const spec = await create(bed, { ephemeralGb: [1] });
      await bed.booted(spec.id);
      await bed.shell(spec.id, 'echo mine > /root/note; sync');
      const rescueDevice = { type: 'disk', bus } as const;
      const rescued = { ...spec, rescue: { ...spec.image, id: newUuid() }, rescueDevice };
      await bed.driver.start(rescued, bed.images, []);
      await bed.booted(spec.id, 2);
      const { disks } = await bed.driver.diagnostics(spec.id);
      // the rescue's is the last one, and the one that was booted from
      expect(disks.map(({ name }) => name)).toEqual([
        'vda',
        'vdb',
        { virtio: 'vdc', scsi: 'sda', usb: 'sda', ide: 'hda' }[bus],
      ]);
      expect(disks[2]!.readBytes).toBeGreaterThan(2 ** 20);
      await bed.driver.start(spec, bed.images, []);
      await bed.booted(spec.id, 3);
      expect(await bed.shell(spec.id, 'cat /root/note')).toContain('mine');
    },
  );

  test('a live snapshot boots, with what the guest had written by then and not since', async () => {
    const bed = await open();
    const spec = await create(bed);
    await bed.booted(spec.id);
    await bed.shell(spec.id, 'echo then > /root/note; sync');
    const { path, format } = await bed.driver.snapshot(spec.id, newUuid());
    await bed.shell(spec.id, 'echo since > /root/note; sync');
    await bed.driver.stop(spec.id, 0);
    const info = await imageInfo(path, format, user);
    expect(info).toEqual({ format: 'qcow2', virtualSize: 2 ** 30, otherFiles: [] });
    const check = execFileSync('qemu-img', ['check', '-f', 'qcow2', path], { encoding: 'utf8' });
    expect(check).toContain('No errors were found');
    const image = { path, format, virtualSize: info.virtualSize };
    const copy = tinySpec();
    await bed.driver.create(copy, { ensure: async () => image }, []);
    await bed.booted(copy.id);
    expect(await bed.shell(copy.id, 'cat /root/note')).toContain('then');
  });

  test('a guest that does not hear its power button is told apart from one that does', async () => {
    const bed = await open();
    // one with nothing to boot hears nothing, however fast the machine is
    const nothing = join(bed.directory, 'nothing.raw');
    writeFileSync(nothing, Buffer.alloc(1 << 20), { mode: 0o644 });
    const spec = tinySpec();
    const ensure = async () => ({ path: nothing, format: 'raw', virtualSize: 1 << 20 });
    await bed.driver.create(spec, { ensure }, []);
    expect(await bed.driver.softReboot(spec.id, 300)).toBe(false);
    expect(await power(bed, spec)).toBe('running');
    expect(bed.changes).toEqual([]);
    await bed.driver.stop(spec.id, 300);
    expect(await power(bed, spec)).toBe('shutdown');
  });

  test('the console log keeps the end of what a guest says, and no more', async () => {
    const bed = await open({ options: { console_log_kb: 32 } });
    const spec = await create(bed);
    await bed.booted(spec.id);
    const file = join(bed.home(spec.id), 'console.log');
    await bed.shell(spec.id, 'yes 0123456789012345678901234567890123456789 | head -n 8000');
    const room = () => statSync(file).blocks * 512;
    await expect.poll(room, patience).toBeLessThanOrEqual(128 * 1024);
    expect(await bed.shell(spec.id, 'echo still here')).toContain('still here');
    expect(await bed.driver.consoleLog(spec.id, 1000)).toContain('still here');
  });

  test('the probe of acceleration hears from a guest that runs', async () => {
    const bed = await open();
    const scratch = join(bed.directory, 'probe-test');
    mkdirSync(scratch, { mode: 0o755 });
    expect(await probeAcceleration('tcg', scratch, user, patience.timeout)).toBeUndefined();
  });

  test('a QEMU that does not start is heard out', async () => {
    const words = await openFile(join((await open()).directory, 'words'), 'w+');
    const qemu = spawnQemu(['-machine', 'nonsense'], user, [], words.fd);
    expect(await qemu.ended).toBe('status 1');
    expect(await lastWordsIn(words)).toContain('unsupported machine type');
    await words.close();
  });
});
