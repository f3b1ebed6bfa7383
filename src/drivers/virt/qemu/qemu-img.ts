import { runConfined } from './confined.ts';
import type { GuestUser } from './guest-user.ts';

/** What `qemu-img info` tells of a file. */
export interface ImageInfo {
  readonly format: string;
  /** Bytes the guest sees. */
  readonly virtualSize: number;
  /** Names of other files this one needs: a backing file, a data file, extents. */
  readonly otherFiles: readonly string[];
}

const GiB = 2 ** 30;
const looking = { cpuSeconds: 10, memoryBytes: GiB, timeoutMs: 30_000 };
const working = { cpuSeconds: 7200, memoryBytes: 2 * GiB, timeoutMs: 7_200_000 };

/** Reads the header of an image as `format`, never guessing it. The file may be hostile: the guest user reads it. */
export async function imageInfo(
  path: string,
  format: string,
  user: GuestUser | undefined,
): Promise<ImageInfo> {
  const argv = ['qemu-img', 'info', '--output=json', '-f', format, '--', path] as const;
  return parseInfo(await runConfined([...argv], user, looking), path);
}

/** Reads what `qemu-img info --output=json` printed about `path`. */
export function parseInfo(json: string, path: string): ImageInfo {
  const info = JSON.parse(json) as {
    format: string;
    'virtual-size': number;
    'backing-filename'?: string;
    'format-specific'?: { data?: { 'data-file'?: string; extents?: { filename: string }[] } };
  };
  const data = info['format-specific']?.data;
  const extents = (data?.extents ?? []).map((extent) => extent.filename).filter((name) => name !== path);
  const others = [info['backing-filename'], data?.['data-file'], ...extents];
  return {
    format: info.format,
    virtualSize: info['virtual-size'],
    otherFiles: others.filter((name) => name !== undefined),
  };
}

/** Writes `from` anew as one self-contained file; `to` exists already and belongs to the guest user. */
export async function convertImage(
  from: { path: string; format: string },
  to: { path: string; format: string },
  user: GuestUser | undefined,
): Promise<void> {
  const argv = ['qemu-img', 'convert', '-f', from.format, '-O', to.format, '--', from.path, to.path] as const;
  await runConfined([...argv], user, working);
}

/** Makes `path`, which exists already and is the guest user's, an overlay; the base's name is relative to it. */
export async function createOverlay(
  path: string,
  base: { file: string; format: string },
  size: number,
  user: GuestUser | undefined,
): Promise<void> {
  const argv = ['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', base.format, '-b', base.file] as const;
  await runConfined([...argv, '--', path, String(size)], user, looking);
}

/** Makes `path`, which exists already and is the guest user's, an empty qcow2 image. */
export async function createEmpty(path: string, size: number, user: GuestUser | undefined): Promise<void> {
  await runConfined(['qemu-img', 'create', '-q', '-f', 'qcow2', '--', path, String(size)], user, looking);
}

/** Makes an image larger. */
export async function growImage(
  path: string,
  format: string,
  size: number,
  user: GuestUser | undefined,
): Promise<void> {
  await runConfined(['qemu-img', 'resize', '-q', '-f', format, '--', path, String(size)], user, looking);
}

/** Writes an overlay and its base as one self-contained qcow2 file; `target` exists already and is the guest user's. */
export async function flattenDisk(
  overlay: { path: string; format: string },
  base: { path: string; format: string },
  target: string,
  compress: boolean,
  user: GuestUser | undefined,
): Promise<void> {
  // spelled out, so that what the overlay's header says about its base is not believed
  const source = {
    driver: overlay.format,
    file: { driver: 'file', filename: overlay.path },
    backing: {
      driver: base.format,
      file: { driver: 'file', filename: base.path },
      ...(base.format === 'qcow2' && { backing: null }),
    },
  };
  const options = compress ? ['-c'] : [];
  const argv = [
    'qemu-img',
    'convert',
    '-O',
    'qcow2',
    ...options,
    '--',
    `json:${JSON.stringify(source)}`,
    target,
  ] as const;
  await runConfined([...argv], user, working);
}
