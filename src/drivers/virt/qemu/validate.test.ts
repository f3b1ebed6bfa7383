import { expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { tinySpec } from '#test/support/virt/bed.ts';

import { requireUuid, validateInterface, validateSpec } from './validate.ts';

const nic = { portId: newUuid(), mac: 'fa:16:3e:00:00:01', mtu: 1442 };
const image = (id: string) => ({ id, format: 'qcow2', size: 1, hash: null });
const file = (path: string) => ({ configDrive: [{ path, content: '' }] }) as unknown as Partial<GuestSpec>;
const machine = (name: string) => ({ hardware: { ...tinySpec().hardware, machine: name } });

test('what users may choose passes', () => {
  expect(() => validateSpec(tinySpec())).not.toThrow();
  expect(() =>
    validateSpec(
      tinySpec({
        ...file('openstack/latest/meta_data.json'),
        ...machine('pc-q35-7.2'),
        kernelArguments: 'root=/dev/vda1,x console=ttyS0',
      }),
    ),
  ).not.toThrow();
});

test.each<[string, Partial<GuestSpec>]>([
  ['guest id', { id: '../../etc' }],
  ['guest name', { name: 'a,seccomp=off' }],
  ['guest name', { name: '-daemonize' }],
  ['guest name', { name: '../x' }],
  ['vcpus', { vcpus: 0 }],
  ['vcpus', { vcpus: 1.5 }],
  ['memoryMb', { memoryMb: Number.NaN }],
  ['rootGb', { rootGb: -1 }],
  ['ephemeralGb', { ephemeralGb: [0] }],
  ['swapMb', { swapMb: Infinity }],
  ['image id', { image: image('x/../y') } as Partial<GuestSpec>],
  ['image id', { kernel: image('') } as Partial<GuestSpec>],
  ['kernel arguments', { kernelArguments: 'a\nb' }],
  ['machine type', machine('q35,accel=kvm')],
  ['path in the config drive', file('../../root/.ssh/authorized_keys')],
  ['path in the config drive', file('/etc/passwd')],
  ['path in the config drive', file('a//b')],
  ['path in the config drive', file('a b')],
])('a %s that could become something else is refused: %j', (what, change) => {
  expect(() => validateSpec(tinySpec(change))).toThrow(`is not a usable ${what}`);
});

test.each([
  ['port id', { ...nic, portId: 'x' }],
  ['MAC address', { ...nic, mac: 'fa:16:3e:00:00:01,bootindex=1' }],
  ['MAC address', { ...nic, mac: 'FA:16:3E:00:00:01' }],
  ['mtu', { ...nic, mtu: 67 }],
])('an interface with an unusable %s is refused', (what, bad) => {
  expect(() => validateInterface(nic as never)).not.toThrow();
  expect(() => validateInterface(bad as never)).toThrow(`is not a usable ${what}`);
});

test('an id is a UUID', () => {
  expect(() => requireUuid(newUuid(), 'thing')).not.toThrow();
  expect(() => requireUuid('.', 'thing')).toThrow(expect.objectContaining({ kind: 'badRequest' }));
});
