import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { newNic, tinySpec } from '#test/support/virt/bed.ts';

import { qemuArguments } from './arguments.ts';
import type { AttachedSet } from './disk-places.ts';
import type { Disk } from './disks.ts';
import { guestPaths } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { placeNics } from './nics.ts';
import { defaultQemuOptions } from './options.ts';
import { deviceText } from './property-list.ts';

const root: Disk = {
  name: 'root',
  kind: 'disk',
  file: 'root.qcow2',
  format: 'qcow2',
  backing: { file: 'base', format: 'raw' },
  size: 2 ** 30,
};

function argumentsFor(
  change: Partial<Manifest> = {},
  disks: Disk[] = [root],
  more: readonly AttachedSet[] = [],
): string[] {
  const spec = tinySpec({ interfaces: [newNic()] });
  const machine = change.machine ?? 'pc-q35-7.2';
  const nics = placeNics(
    spec.interfaces,
    [],
    [{ portId: spec.interfaces[0]!.portId, tap: 'tap0' }],
    'virtio',
    machine,
  );
  const manifest: Manifest = {
    spec,
    machine,
    disks: 'disks-1',
    kept: null,
    rescue: null,
    saved: null,
    nics,
    startedIn: null,
    ...change,
  };
  return qemuArguments({
    manifest,
    sets: [{ directory: '/d/disks-1', set: { disks, kernel: null, ramdisk: null }, prefix: '' }, ...more],
    paths: guestPaths('/d', spec.id),
    capabilities: {
      version: { major: 7, minor: 2, micro: 0 },
      acceleration: 'tcg',
      accelerationReason: '',
      machines: {},
      devices: [],
      cpuFeatures: [],
    },
    options: defaultQemuOptions,
    incoming: false,
  });
}

const valuesOf = (argv: readonly string[], option: string): string[] =>
  argv.flatMap((word, i) => (argv[i - 1] === option ? [word] : []));

describe('the command line', () => {
  test('spells out a disk’s chain and lets nothing be written below its top', () => {
    const nodes = valuesOf(argumentsFor(), '-blockdev').map(
      (text) => JSON.parse(text) as Record<string, unknown>,
    );
    expect(nodes.map((node) => [node['node-name'], node.driver, node['read-only'], node.backing])).toEqual([
      ['root-base-file', 'file', true, undefined],
      ['root-base', 'raw', true, undefined],
      ['root-file', 'file', false, undefined],
      ['root', 'qcow2', false, 'root-base'],
    ]);
  });

  test('does not follow a base image’s own backing file', () => {
    const backed = { ...root, backing: { file: 'base', format: 'qcow2' } };
    const nodes = valuesOf(argumentsFor({}, [backed]), '-blockdev');
    expect(JSON.parse(nodes[1]!)).toMatchObject({ 'node-name': 'root-base', backing: null });
  });

  test('names every PCI address once', () => {
    for (const machine of ['pc-q35-7.2', 'pc-i440fx-7.2']) {
      const many = ['root', 'ephemeral0', 'ephemeral1', 'swap'].map((name) => ({ ...root, name }));
      const devices = valuesOf(argumentsFor({ machine }, many), '-device');
      const places = devices.filter((text) => /bus=pcie?\.0/.test(text));
      const addresses = places.map((text) => {
        const [slot = '', part = '0'] = /addr=([0-9a-fx.]+)/.exec(text)![1]!.split('.');
        return `${Number(slot)}.${part}`;
      });
      expect(new Set(addresses).size).toBe(addresses.length);
    }
  });

  test('boots from the first disk first', () => {
    const disks = [root, { ...root, name: 'swap', backing: null, format: 'raw' as const, file: 'swap.raw' }];
    const order = valuesOf(argumentsFor({}, disks), '-device').flatMap(
      (text) => /drive=(\w+),bootindex=(\d)/.exec(text)?.slice(1) ?? [],
    );
    expect(order).toEqual(['root', '1', 'swap', '2']);
  });

  test.each([
    ['virtio', 'disk', 'virtio-blk-pci,id=disk-rescue-root,drive=rescue-root,bootindex=1,bus=pcie.0,addr=9'],
    ['scsi', 'disk', 'scsi-hd,id=disk-rescue-root,drive=rescue-root,bootindex=1,bus=scsi0.0,scsi-id=0'],
    ['ide', 'cdrom', 'ide-cd,id=disk-rescue-root,drive=rescue-root,bootindex=1,bus=pata.0,unit=0'],
    ['usb', 'disk', 'usb-storage,id=disk-rescue-root,drive=rescue-root,bootindex=1,bus=usb.0,removable=off'],
  ] as const)(
    'a rescue on %s as %s comes after the own disks, and boots before them',
    (bus, kind, device) => {
      const set = { disks: [{ ...root, kind }], kernel: null, ramdisk: null };
      const rescue = { directory: '/d/rescue-1', set, prefix: 'rescue-', bus, bootsFirst: true };
      const none = { ...tinySpec(), hardware: { ...tinySpec().hardware, videoModel: 'none' as const } };
      for (const spec of [tinySpec(), none]) {
        const devices = valuesOf(argumentsFor({ spec }, [root], [rescue]), '-device');
        const own = devices.findIndex((text) => text.includes('drive=root,bootindex=2,bus=pcie.0,addr=8'));
        expect(devices.indexOf(device)).toBeGreaterThan(own);
        expect(own).toBeGreaterThan(-1);
        const controllers = devices.filter((text) => text.startsWith('qemu-xhci'));
        expect(controllers).toHaveLength(spec === none && bus !== 'usb' ? 0 : 1);
      }
    },
  );

  test('a full bus is refused', () => {
    const sata = { ...tinySpec().hardware, diskBus: 'sata' as const };
    const disks = Array.from({ length: 7 }, (_, i) => ({ ...root, name: `ephemeral${i}` }));
    expect(() => argumentsFor({ spec: { ...tinySpec(), hardware: sata } }, disks)).toThrow(
      'more disks than fit',
    );
  });

  test('whatever a value is, it stays one value', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        let text: string;
        try {
          text = deviceText('driver', { first, second });
        } catch {
          return;
        }
        expect(text.split(',')).toEqual(['driver', `first=${first}`, `second=${second}`]);
      }),
    );
    for (const bad of ['a,b', 'a\nb', 'a=b', '"', '\0'])
      expect(() => deviceText('x', { bad })).toThrow('not a usable');
  });
});

describe('slots of network cards', () => {
  const machine = 'pc-q35-7.2';
  const [a, b, c] = [newNic(), newNic(), newNic()];
  const slots = (nics: readonly { portId: string; slot: number }[]) =>
    Object.fromEntries(nics.map(({ portId, slot }) => [portId, slot]));

  test('stay what they were when others come and go', () => {
    const first = placeNics([a, b], [], [], 'virtio', machine);
    const second = placeNics([b, c], first, [], 'e1000', machine);
    expect(slots(second)).toEqual({ [b.portId]: 1, [c.portId]: 0 });
    expect(second.map(({ model }) => model)).toEqual(['virtio', 'e1000']);
  });

  test('are as many as the machine type has', () => {
    const many = Array.from({ length: 17 }, newNic);
    expect(placeNics(many.slice(1), [], [], 'virtio', machine)).toHaveLength(16);
    expect(() => placeNics(many, [], [], 'virtio', machine)).toThrow('no free slot');
    expect(() => placeNics(many.slice(0, 8), [], [], 'virtio', 'pc-i440fx-7.2')).toThrow('no free slot');
  });
});
