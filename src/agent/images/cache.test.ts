import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type ControlHandlers, controlAddress } from '#contracts/agent.ts';
import type { GuestImage } from '#contracts/guest.ts';
import { imageInfo } from '#drivers/virt/qemu/qemu-img.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { unavailable } from '#kit/errors/cloud-error.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { silentLog } from '#kit/log/log.ts';

import { ImageCache } from './cache.ts';

const installed = existsSync('/usr/bin/qemu-img');

/** An image service that keeps its images in memory. */
class Service {
  readonly images = new Map<string, Buffer>();
  reads = 0;
  /** How many reads fail before the next one is answered. */
  failures = 0;
  readonly handlers: Partial<ControlHandlers> = {
    'image.read': ({ id, offset, length }) => {
      this.reads++;
      if (this.failures-- > 0) throw unavailable('not now');
      return this.images.get(id)!.subarray(offset, offset + length);
    },
  };

  add(data: Buffer, format: string, change: Partial<GuestImage> = {}): GuestImage {
    const id = newUuid();
    this.images.set(id, data);
    const hash = createHash('sha512').update(data).digest('hex');
    return { id, format, size: data.length, hash, ...change };
  }
}

describe.skipIf(!installed)('the image cache (needs the package qemu-utils)', () => {
  let directory: string;
  let scratch: string;
  let service: Service;
  let bus: MemoryBus;
  let cache: ImageCache;
  const undo: (() => void)[] = [];
  const open = (at = directory, ageMs = 60_000) =>
    ImageCache.open({ bus, directory: at, guestUser: undefined, ageMs, log: silentLog() });
  const cached = (at = directory) => readdirSync(at);

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'stratalith-images-'));
    directory = join(scratch, 'cache');
    service = new Service();
    bus = new MemoryBus();
    await bus.serve(controlAddress, service.handlers);
    cache = await open();
  });
  afterEach(() => {
    for (const step of undo.splice(0)) step();
    rmSync(scratch, { recursive: true });
  });

  /** A file that qemu-img makes, as an image. */
  function made(format: string, ...options: string[]): Buffer {
    const path = join(scratch, 'made');
    execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, path, '4M']);
    const data = readFileSync(path);
    rmSync(path);
    return data;
  }

  test('fetches an image once, for all who ask at once and later', async () => {
    const image = service.add(Buffer.alloc(5_500_000, 7), 'raw');
    const paths = await Promise.all([1, 2, 3].map(() => cache.ensure(image)));
    expect(new Set(paths.map(({ path }) => path)).size).toBe(1);
    expect(service.reads).toBe(6);
    expect(readFileSync(paths[0]!.path).equals(service.images.get(image.id)!)).toBe(true);
    expect(paths[0]).toMatchObject({ format: 'raw', virtualSize: 5_500_416 });
    const later = await (await open()).ensure(image);
    expect([later, service.reads]).toEqual([paths[0], 6]);
    expect(statSync(later.path).mode & 0o777).toBe(0o440);
  });

  test('asks again while control is out of reach for a moment', async () => {
    const image = service.add(Buffer.alloc(3 << 20, 1), 'raw');
    service.failures = 2;
    await cache.ensure(image);
    expect(cached()).toEqual([image.id]);
  });

  test('keeps nothing of an image that arrives damaged, short or not at all', async () => {
    const data = Buffer.alloc(100_000, 1);
    const damaged = service.add(data, 'raw', { hash: 'f'.repeat(128) });
    await expect(cache.ensure(damaged)).rejects.toThrow('arrived damaged');
    const short = service.add(data, 'raw', { size: 100_001, hash: null });
    await expect(cache.ensure(short)).rejects.toThrow('is shorter');
    const absent = service.add(data, 'raw');
    service.images.delete(absent.id);
    await expect(cache.ensure(absent)).rejects.toThrow();
    expect(cached()).toEqual([]);
  });

  test('fetches anew what has another hash than what it has', async () => {
    const first = service.add(Buffer.alloc(1000, 1), 'raw');
    await cache.ensure(first);
    const data = Buffer.alloc(1000, 2);
    service.images.set(first.id, data);
    const hash = createHash('sha512').update(data).digest('hex');
    const { path } = await cache.ensure({ ...first, hash });
    expect(readFileSync(path).equals(data)).toBe(true);
  });

  test.each([
    ['qcow2', 'qcow2'],
    ['raw', 'raw'],
    ['vmdk', 'vmdk'],
    ['vdi', 'vdi'],
    ['vhdx', 'vhdx'],
    ['vhd', 'vpc'],
  ])('makes a guest’s disk of a %s image', async (declared, format) => {
    const image = service.add(made(format), declared);
    const found = await cache.ensure(image);
    expect(found.format).toBe(declared === 'raw' ? 'raw' : 'qcow2');
    expect(found.virtualSize).toBeGreaterThanOrEqual(4 << 20);
    const info = await imageInfo(found.path, found.format, undefined);
    expect([info.virtualSize, info.otherFiles]).toEqual([found.virtualSize, []]);
  });

  test('refuses what needs another file', async () => {
    const secret = join(scratch, 'secret');
    writeFileSync(secret, Buffer.alloc(1 << 20, 's'));
    const backed = service.add(made('qcow2', '-F', 'raw', '-b', secret, '-u'), 'qcow2');
    const external = service.add(made('qcow2', '-o', `data_file=${secret}`), 'qcow2');
    const flat = Buffer.from(
      `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "${secret}" 0\n`,
    );
    const descriptor = service.add(Buffer.concat([flat, Buffer.alloc(65_536)]), 'vmdk');
    for (const image of [backed, external, descriptor])
      await expect(cache.ensure(image)).rejects.toMatchObject({
        kind: 'badRequest',
        message: expect.stringMatching(`Image ${image.id} is unacceptable`) as string,
      });
    expect(cached()).toEqual([]);
  });

  test('refuses a sparse VMDK whose descriptor leads elsewhere', async () => {
    const secret = join(scratch, 'secret');
    writeFileSync(secret, Buffer.alloc(1 << 20, 's'));
    const data = made('vmdk');
    const text = data.toString('latin1');
    const start = text.indexOf('RW ');
    const end = text.indexOf('\n', start);
    const line = `RW 2048 FLAT "${secret}" 0`;
    const descriptor = Buffer.from(text.slice(512, start) + line + text.slice(end, 512 + 10_240), 'latin1');
    data.fill(0, 512, 512 + 10_240);
    descriptor.copy(data, 512, 0, 10_240);
    data.writeBigUInt64LE(0n, 12); // no capacity of its own: QEMU goes by the descriptor
    const image = service.add(data, 'vmdk');
    await expect(cache.ensure(image)).rejects.toMatchObject({ kind: 'badRequest' });
  });

  test('refuses what is not what it says it is, and formats nobody runs', async () => {
    const cases = [
      service.add(made('qcow2'), 'raw'),
      service.add(made('qcow2'), 'iso'),
      service.add(Buffer.alloc(4096), 'qcow2'),
      service.add(made('qed'), 'raw'),
      service.add(Buffer.concat([Buffer.from('LUKS\xba\xbe\0\x01', 'latin1'), Buffer.alloc(4088)]), 'raw'),
      service.add(Buffer.alloc(4096), 'ploop'),
      service.add(
        Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), Buffer.alloc(504, 0xff)]),
        'qcow2',
      ),
    ];
    for (const image of cases)
      await expect(cache.ensure(image)).rejects.toMatchObject({ kind: 'badRequest' });
    expect(cached()).toEqual([]);
  });

  test('an id that is none cannot become a path', async () => {
    await expect(cache.ensure({ id: '../x', format: 'raw', size: 1, hash: null })).rejects.toMatchObject({
      kind: 'badRequest',
    });
  });

  test('removes what nobody has used for long, unless a guest lies on it', async () => {
    const [unused, used] = [service.add(Buffer.alloc(512), 'raw'), service.add(Buffer.alloc(512, 1), 'raw')];
    await cache.ensure(unused);
    const { path } = await cache.ensure(used);
    const link = join(scratch, 'base');
    linkSync(path, link);
    await cache.expire(Date.now() + 30_000);
    expect(cached().sort()).toEqual([unused.id, used.id].sort());
    await cache.expire(Date.now() + 120_000);
    expect(cached()).toEqual([used.id]);
    rmSync(link);
    await cache.expire(Date.now() + 120_000);
    expect(cached()).toEqual([]);
  });

  test('what an earlier agent left half done is gone when the next one opens', async () => {
    mkdirSync(join(directory, `${newUuid()}.0a1b2c3d.tmp`));
    await open();
    expect(cached()).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'says so when there is no room, and leaves nothing (needs root)',
    async () => {
      const small = join(scratch, 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]);
      undo.push(() => execFileSync('umount', [small]));
      const tight = await open(small);
      const large = service.add(Buffer.alloc(6 << 20), 'raw');
      await expect(tight.ensure(large)).rejects.toThrow('There is no room on this host for image');
      expect(service.reads).toBe(0);
      // fits by the look of it, until somebody else writes
      const image = service.add(Buffer.alloc(3 << 20, 1), 'raw');
      const filling = tight.ensure(image);
      writeFileSync(join(small, 'ballast'), Buffer.alloc(2 << 20));
      await expect(filling).rejects.toThrow('There is no room on this host for image');
      expect(cached(small)).toEqual(['ballast']);
      rmSync(join(small, 'ballast'));
      await tight.ensure(image);
      expect(cached(small)).toEqual([image.id]);
    },
  );
});
