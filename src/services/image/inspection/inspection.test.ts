import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

import {
  gpt,
  iso,
  luks,
  partitioned,
  qcow2,
  qed,
  vdi,
  vhd,
  vmdk,
  vmdkDescriptor,
} from '#test/support/disk-images.ts';

import { headBytes } from './format.ts';
import { diskOf, inspect, type Strictness } from './inspect.ts';

const strict: Strictness = { requireMatch: true, nonfatal: [] };

const look = (data: Buffer, diskFormat: string, containerFormat = 'bare', strictness = strict) =>
  inspect(
    {
      size: data.length,
      head: data.subarray(0, headBytes),
      read: async (offset, length) => data.subarray(offset, offset + length),
    },
    { diskFormat, containerFormat },
    strictness,
  );

const GiB = 1 << 30;

describe('data that is what it is declared to be', () => {
  test.each([
    ['qcow2', qcow2(), GiB],
    ['qcow2', qcow2({ version: 2, features: 0xffn }), undefined],
    ['qcow2', qcow2({ features: 0b1011n }), GiB],
    ['vmdk', vmdk(), GiB / 1024],
    ['vmdk', vmdk({ footer: (copy) => copy }), GiB / 1024],
    ['vdi', vdi(), GiB],
    ['vhd', vhd(), GiB],
    ['iso', iso(), 2_048_000],
    ['iso', Buffer.concat([gpt(), iso().subarray(512)]), 2_048_000],
    ['raw', Buffer.alloc(1000, 'x'), 1000],
    ['raw', gpt(), 512],
    ['raw', qcow2(), 512],
    ['raw', luks(), luks().length],
    ['raw', Buffer.alloc(0), null],
    ['ami', Buffer.from('a kernel'), null],
    ['ploop', Buffer.from('a disk'), null],
  ])('%s', async (format, data, virtualSize) => {
    if (virtualSize === undefined)
      await expect(look(data, format)).rejects.toThrow('Image failed safety checks');
    else expect(await look(data, format)).toBe(virtualSize);
  });
});

describe('data that is something else', () => {
  test.each([
    ['qcow2', Buffer.alloc(1000, 'x'), 'Image disk_format qcow2 does not match stream data raw'],
    ['qcow2', qcow2().subarray(0, 511), 'Image disk_format qcow2 does not match stream data raw'],
    ['qcow2', vdi(), 'Image disk_format qcow2 does not match stream data vdi'],
    ['qcow2', gpt(), 'Image disk_format qcow2 does not match stream data gpt'],
    ['ami', qcow2(), 'Image disk_format ami does not match stream data qcow2'],
    ['iso', Buffer.alloc(40_000), 'Image disk_format iso does not match stream data raw'],
    ['qcow2', Buffer.concat([qcow2(), iso().subarray(512)]), 'Multiple formats detected: qcow2,iso'],
    ['raw', Buffer.concat([qcow2(), iso().subarray(512)]), 'Multiple formats detected: qcow2,iso'],
  ])('declared %s', async (format, data, words) => {
    await expect(look(data, format)).rejects.toMatchObject({ kind: 'unsupportedMediaType', message: words });
    expect(await look(data, format, 'bare', { ...strict, requireMatch: false })).toBe(null);
  });
});

describe('data that is dangerous, whatever it is declared to be', () => {
  const twoPartitions = [{ type: 0xee }, { type: 0x83 }];
  test.each([
    ['qcow2 with a backing file', qcow2({ backingOffset: 512n }), 'backing_file'],
    ['qcow2 with an external data file', qcow2({ features: 0b100n }), 'data_file'],
    ['qcow2 with a feature nobody knows', qcow2({ features: 1n << 4n }), 'unknown_features'],
    ['qcow2 with a feature far away', qcow2({ features: 1n << 63n }), 'unknown_features'],
    ['qcow2 of a version to come', qcow2({ version: 4 }), 'unknown_features'],
    ['qcow2 of the first version', qcow2({ version: 1 }), 'unknown_features'],
    ['QED', qed(), 'banned'],
    ['VMDK of a version to come', vmdk({ version: 4 }), 'structure'],
    ['VMDK that is cut off', vmdk().subarray(0, 1000), 'structure'],
    ['VMDK with its description elsewhere', vmdk({ descriptorSector: 2n }), 'structure'],
    ['VMDK without a description', vmdk({ descriptor: '' }), 'descriptor'],
    ['VMDK in other files', vmdk({ descriptor: vmdkDescriptor('twoGbMaxExtentSparse') }), 'descriptor'],
    ['VMDK of a type nobody knows', vmdk({ descriptor: vmdkDescriptor('whatever') }), 'descriptor'],
    ['VMDK without a type', vmdk({ descriptor: 'RW 2048 SPARSE "disk.vmdk"' }), 'descriptor'],
    [
      'VMDK with a foreign extent',
      vmdk({ descriptor: vmdkDescriptor('monolithicSparse', 'RW 2048 FLAT "/etc/shadow" 0') }),
      'descriptor',
    ],
    ['VMDK without extents', vmdk({ descriptor: vmdkDescriptor('monolithicSparse', '') }), 'descriptor'],
    [
      'VMDK with a line nobody knows',
      vmdk({ descriptor: `${vmdkDescriptor()}include something else\n` }),
      'descriptor',
    ],
    ['VMDK that is nothing but a description', Buffer.from(vmdkDescriptor('monolithicFlat')), 'descriptor'],
    ['VMDK that is a description of itself', Buffer.from(vmdkDescriptor()), 'descriptor'],
    [
      'VMDK whose footer says something else',
      vmdk({
        footer: (copy) => {
          copy.writeBigUInt64LE(7n, 28);
          return copy;
        },
      }),
      'footer',
    ],
    ['VMDK whose footer is none', vmdk({ footer: (copy) => copy.fill(0) }), 'footer'],
    [
      'VMDK whose footer has a footer',
      vmdk({
        footer: (copy) => {
          copy.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 56);
          return copy;
        },
      }),
      'footer',
    ],
    ['a partition table without partitions', partitioned([]), 'mbr'],
    ['a partition that cannot be started from', partitioned([{ boot: 0x7f, type: 0x83 }]), 'mbr'],
    ['a GPT with other partitions', partitioned(twoPartitions), 'mbr'],
    ['a GPT that begins elsewhere', partitioned([{ type: 0xee, lba: 2 }]), 'mbr'],
    ['a GPT that begins at another cylinder', partitioned([{ type: 0xee, chs: [0, 1, 0] }]), 'mbr'],
    ['LUKS of the second version', luks(2), 'version'],
    ['LUKS that is cut off', luks().subarray(0, 500), 'structure'],
    ['VHDX that is cut off', Buffer.from('vhdxfile'), 'structure'],
  ])('%s', async (_, data, check) => {
    await expect(look(data, 'raw')).rejects.toMatchObject({
      kind: 'unsupportedMediaType',
      message: 'Image failed safety checks',
      cause: { message: expect.stringContaining(`${check}: `) },
    });
  });

  test('partition tables may be let pass', async () => {
    const lenient = { requireMatch: true, nonfatal: ['mbr'] };
    expect(await look(partitioned([]), 'raw', 'bare', lenient)).toBe(512);
    await expect(look(qed(), 'raw', 'bare', lenient)).rejects.toThrow('Image failed safety checks');
  });
});

describe('what lies in a container', () => {
  test.each([
    ['ami', 'ami', gpt()],
    ['aki', 'aki', partitioned([])],
    ['vmdk', 'ova', Buffer.from('a tar file')],
    ['qcow2', 'ovf', Buffer.from('a tar file')],
  ])('%s in %s is not looked into', async (format, container, data) => {
    expect(await look(data, format, container)).toBe(null);
  });

  test('but a disk that only claims to be in one must be safe', async () => {
    await expect(look(qcow2({ backingOffset: 512n }), 'qcow2', 'ovf')).rejects.toThrow(
      'Image failed safety checks',
    );
    expect(await look(qcow2(), 'qcow2', 'ovf')).toBe(null);
  });
});

const magics = [qcow2(), vmdk(), gpt(), iso(), vdi(), vhd(), luks(), qed(), Buffer.from('vhdxfile')];

test('whatever the data, an inspection ends in a size or a refusal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...magics),
      fc.array(fc.record({ at: fc.nat(4000), bytes: fc.uint8Array({ maxLength: 24 }) }), { maxLength: 12 }),
      fc.nat(300_000),
      fc.constantFrom('raw', 'qcow2', 'vmdk', 'vhdx', 'vhd', 'vdi', 'iso', 'ami'),
      async (start, changes, length, format) => {
        const data = Buffer.alloc(length);
        start.copy(data);
        for (const { at, bytes } of changes)
          data.set(bytes.slice(0, Math.max(0, length - at)), Math.min(at, length));
        const result = await look(data, format).catch((error: unknown) => error);
        if (result !== null && typeof result !== 'number')
          expect(result).toMatchObject({ kind: 'unsupportedMediaType' });
      },
    ),
    { numRuns: 500 },
  );
});

const hasQemuImg = (() => {
  try {
    execFileSync('qemu-img', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasQemuImg)('disks that qemu-img makes (needs the package qemu-utils)', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-disks-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const make = (name: string, ...options: string[]) => {
    const path = join(directory, name);
    execFileSync('qemu-img', ['create', '-q', ...options, path, '64M']);
    return path;
  };
  const lookAt = async (path: string, format: string) => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      return await inspect(await diskOf(file, size), { diskFormat: format, containerFormat: 'bare' }, strict);
    } finally {
      await file.close();
    }
  };

  test.each([
    ['qcow2', ['-f', 'qcow2']],
    ['qcow2', ['-f', 'qcow2', '-o', 'compat=0.10']],
    ['qcow2', ['-f', 'qcow2', '-o', 'compression_type=zstd,lazy_refcounts=on']],
    ['vmdk', ['-f', 'vmdk']],
    ['vdi', ['-f', 'vdi']],
    ['vhdx', ['-f', 'vhdx']],
    ['raw', ['-f', 'raw']],
  ])('%s %j', async (format, options) => {
    expect(await lookAt(make('good', ...options), format)).toBe(64 << 20);
  });

  test('vhd, whose sizes are rounded', async () => {
    expect(await lookAt(make('vhd', '-f', 'vpc', '-o', 'subformat=dynamic'), 'vhd')).toBeGreaterThanOrEqual(
      64 << 20,
    );
  });

  test('vmdk as it is streamed', async () => {
    const path = join(directory, 'streamed');
    const options = ['convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized'];
    execFileSync('qemu-img', [...options, make('source', '-f', 'raw'), path]);
    expect(await lookAt(path, 'vmdk')).toBe(64 << 20);
  });

  test.each([
    ['qcow2', ['-f', 'qcow2', '-o', 'extended_l2=on']],
    ['qcow2', ['-f', 'qcow2', '-o', `data_file=${directory}/elsewhere`]],
    ['vmdk', ['-f', 'vmdk', '-o', 'subformat=monolithicFlat']],
    ['raw', ['-f', 'qed']],
  ])('refuses %s %j', async (format, options) => {
    await expect(lookAt(make('bad', ...options), format)).rejects.toThrow('Image failed safety checks');
  });

  test('refuses qcow2 on top of another file', async () => {
    const base = make('base', '-f', 'raw');
    await expect(lookAt(make('top', '-f', 'qcow2', '-F', 'raw', '-b', base), 'qcow2')).rejects.toThrow(
      'Image failed safety checks',
    );
  });
});
