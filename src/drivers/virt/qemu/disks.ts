import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { GuestImage, GuestSpec } from '#contracts/guest.ts';
import { badRequest, type CloudError } from '#kit/errors/cloud-error.ts';
import { needingRoom } from '#kit/files/disk-full.ts';
import { syncDirectory } from '#kit/files/durable.ts';

import type { ImageFiles } from '../driver.ts';
import { makeConfigDrive } from './config-drive.ts';
import { runConfined } from './confined.ts';
import { linkOrCopy, makeGuestFile, makeHome, syncFile } from './files.ts';
import type { GuestUser } from './guest-user.ts';
import { createOverlay, growImage } from './qemu-img.ts';

/** A disk of a guest; file names are relative to the directory of its set. */
export interface Disk {
  /** `root`, `ephemeral0`, `swap`, `config`: unique in its set. */
  readonly name: string;
  readonly kind: 'disk' | 'cdrom';
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  /** What an overlay lies on: the base image, by hard link. */
  readonly backing: { readonly file: string; readonly format: string } | null;
  /** Bytes the guest sees. */
  readonly size: number;
}

/** The disks a guest runs on, and the kernel it is given from outside; the directory's `disks.json`. */
export interface DiskSet {
  readonly disks: readonly Disk[];
  readonly kernel: string | null;
  readonly ramdisk: string | null;
}

/** What disks are made with. */
export interface DiskMaker {
  readonly user: GuestUser | undefined;
  readonly images: ImageFiles;
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const formatting = { cpuSeconds: 600, memoryBytes: 2 * GiB, timeoutMs: 600_000 };
const copying = { cpuSeconds: 7200, memoryBytes: 2 * GiB, timeoutMs: 7_200_000 };

/** Reads what set of disks a directory holds. */
export const readDiskSet = async (directory: string): Promise<DiskSet> =>
  JSON.parse(await readFile(join(directory, 'disks.json'), 'utf8')) as DiskSet;

/** Makes a guest's own disks in `directory`, which appears complete or not at all. */
export function makeOwnDisks(directory: string, spec: GuestSpec, maker: DiskMaker): Promise<DiskSet> {
  return inNewDirectory(directory, async (scratch) => {
    const [root, kernel, ramdisk, config, ...others] = await settled([
      makeRoot(scratch, spec.image, spec.rootGb * GiB, maker),
      linkImage(scratch, 'kernel', spec.kernel, maker),
      linkImage(scratch, 'ramdisk', spec.ramdisk, maker),
      makeConfig(scratch, spec, maker.user),
      ...spec.ephemeralGb.map((size, i) => makeEphemeral(scratch, i, size * GiB, maker.user)),
      ...(spec.swapMb > 0 ? [makeSwap(scratch, spec.swapMb * MiB, maker.user)] : []),
    ]);
    return { disks: [root, ...others, ...config], kernel, ramdisk };
  });
}

/** Makes the disks a guest is rescued with: the rescue image at its own size, and a config drive if it has one. */
export function makeRescueDisks(directory: string, spec: GuestSpec, maker: DiskMaker): Promise<DiskSet> {
  return inNewDirectory(directory, async (scratch) => {
    const [root, config] = await settled([
      makeRoot(scratch, spec.rescue!, 0, maker),
      makeConfig(scratch, spec, maker.user),
    ]);
    return { disks: [root, ...config], kernel: null, ramdisk: null };
  });
}

/**
 * Copies the disks in `from` into `directory` and makes them fit another spec: larger, with more ephemeral disks, with
 * another swap. Throws `badRequest` when a disk would have to shrink.
 */
export function resizeDisks(
  from: string,
  directory: string,
  spec: GuestSpec,
  user: GuestUser | undefined,
): Promise<DiskSet> {
  return inNewDirectory(directory, async (scratch) => {
    const old = await readDiskSet(from);
    const kept = old.disks.filter(({ name }) => name !== 'swap');
    await settled(linkedFiles(old).map((file) => linkOrCopy(join(from, file), join(scratch, file))));
    const copies = await settled(
      kept.map(async (disk) => {
        if (disk.file !== 'base') await copyDisk(join(from, disk.file), join(scratch, disk.file), user);
        return grow(scratch, disk, wantedSize(disk, spec), user);
      }),
    );
    const ephemerals = kept.filter(({ name }) => name.startsWith('ephemeral')).length;
    const added = await settled([
      ...spec.ephemeralGb
        .slice(ephemerals)
        .map((size, i) => makeEphemeral(scratch, ephemerals + i, size * GiB, user)),
      ...(spec.swapMb > 0 ? [makeSwap(scratch, spec.swapMb * MiB, user)] : []),
    ]);
    const [root, ...others] = copies;
    const isConfig = ({ name }: Disk) => name === 'config';
    const disks = [root!, ...others.filter((d) => !isConfig(d)), ...added, ...others.filter(isConfig)];
    return { disks, kernel: old.kernel, ramdisk: old.ramdisk };
  });
}

/** Base images and kernels: never written, so shared by name instead of copied. */
function linkedFiles({ disks, kernel, ramdisk }: DiskSet): string[] {
  const bases = disks.flatMap(({ file, backing }) =>
    backing ? [backing.file] : file === 'base' ? [file] : [],
  );
  return [...new Set([...bases, kernel, ramdisk])].filter((file) => file !== null);
}

/** The size in bytes a disk should have under `spec`; 0 leaves it as it is. */
function wantedSize({ name, kind }: Disk, spec: GuestSpec): number {
  if (kind === 'cdrom') return 0;
  if (name === 'root') return spec.rootGb * GiB;
  return (spec.ephemeralGb[Number(name.replace('ephemeral', ''))] ?? 0) * GiB;
}

async function grow(scratch: string, disk: Disk, size: number, user: GuestUser | undefined): Promise<Disk> {
  if (size === 0 || size === disk.size) return disk;
  if (size < disk.size) throw badRequest(`Resize error: disk ${disk.name} cannot be made smaller.`);
  await growImage(join(scratch, disk.file), disk.format, size, user);
  return { ...disk, size };
}

/** Their results, once all of them have ended: what one that goes on were to write when another failed, nobody would remove. */
async function settled<Results extends unknown[]>(works: {
  [Work in keyof Results]: Promise<Results[Work]>;
}): Promise<Results> {
  await Promise.allSettled(works);
  return Promise.all(works) as Promise<Results>;
}

/** Builds a directory beside its final name and moves it there once all of it is on the disk. */
async function inNewDirectory(
  directory: string,
  build: (scratch: string) => Promise<DiskSet>,
): Promise<DiskSet> {
  const scratch = `${directory}.tmp`;
  await rm(scratch, { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
  try {
    return await needingRoom('the disks of the guest', async () => {
      await makeHome(scratch);
      const set = await build(scratch);
      await writeFile(join(scratch, 'disks.json'), JSON.stringify(set), { mode: 0o600 });
      const written = set.disks.map(({ file }) => file).filter((file) => file !== 'base');
      await Promise.all([...written, 'disks.json'].map((file) => syncFile(join(scratch, file))));
      await syncDirectory(scratch);
      await rename(scratch, directory);
      return set;
    });
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }
}

/** The disk to boot from: an overlay on the image, or the image itself when it is a CD. */
async function makeRoot(scratch: string, image: GuestImage, size: number, maker: DiskMaker): Promise<Disk> {
  const { path, format, virtualSize } = await maker.images.ensure(image);
  const base = join(scratch, 'base');
  if (size > 0 && size < virtualSize && image.format !== 'iso') throw tooSmall(size, virtualSize);
  await linkOrCopy(path, base);
  if (image.format === 'iso')
    return { name: 'root', kind: 'cdrom', file: 'base', format: 'raw', backing: null, size: virtualSize };
  const file = 'root.qcow2';
  await makeGuestFile(join(scratch, file), maker.user);
  const wanted = Math.max(size, virtualSize);
  await createOverlay(join(scratch, file), { file: 'base', format }, wanted, maker.user);
  return {
    name: 'root',
    kind: 'disk',
    file,
    format: 'qcow2',
    backing: { file: 'base', format },
    size: wanted,
  };
}

async function linkImage(
  scratch: string,
  file: string,
  image: GuestImage | undefined,
  maker: DiskMaker,
): Promise<string | null> {
  if (!image) return null;
  const { path } = await maker.images.ensure(image);
  await linkOrCopy(path, join(scratch, file));
  return file;
}

/** A disk of nothing but an ext4 file system, as Nova makes them. */
async function makeEphemeral(
  scratch: string,
  index: number,
  size: number,
  user: GuestUser | undefined,
): Promise<Disk> {
  const name = `ephemeral${index}`;
  const path = join(scratch, `${name}.raw`);
  await makeGuestFile(path, user, size);
  const lazily = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
  await runConfined(['mkfs.ext4', '-q', '-F', '-L', name, '-E', lazily, path], user, formatting);
  return { name, kind: 'disk', file: `${name}.raw`, format: 'raw', backing: null, size };
}

async function makeSwap(scratch: string, size: number, user: GuestUser | undefined): Promise<Disk> {
  const path = join(scratch, 'swap.raw');
  await makeGuestFile(path, user, size);
  await runConfined(['mkswap', path], user, formatting);
  return { name: 'swap', kind: 'disk', file: 'swap.raw', format: 'raw', backing: null, size };
}

async function makeConfig(scratch: string, spec: GuestSpec, user: GuestUser | undefined): Promise<Disk[]> {
  if (!spec.configDrive) return [];
  const path = join(scratch, 'config.iso');
  await makeConfigDrive(path, spec.configDrive, join(scratch, 'config'), user);
  return [{ name: 'config', kind: 'cdrom', file: 'config.iso', format: 'raw', backing: null, size: 0 }];
}

/** Copies a disk: by reference where the file system can, else what is not a hole. */
async function copyDisk(from: string, to: string, user: GuestUser | undefined): Promise<void> {
  await makeGuestFile(to, user);
  await runConfined(['cp', '--reflink=auto', '--sparse=always', '--', from, to], user, copying);
}

/** nova.exception.FlavorDiskSmallerThanImage */
const tooSmall = (flavor: number, image: number): CloudError =>
  badRequest(
    `Flavor's disk is too small for requested image. Flavor disk is ${flavor} bytes, image is ${image} bytes.`,
  );
