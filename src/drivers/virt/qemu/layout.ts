import { join } from 'node:path';

/** Bytes a unix socket's path may have, without its end. */
const longestSocketPath = 107;

/**
 * Where a guest's files are. The directory is root's, so that a guest that broke out of QEMU cannot put a link in the place
 * of a file the agent touches; it may write to its own disks and, for its sockets and its pid, into `run`.
 */
export interface GuestPaths {
  readonly home: string;
  readonly manifest: string;
  readonly consoleLog: string;
  /** What QEMU itself has to say. */
  readonly words: string;
  readonly snapshots: string;
  readonly run: string;
  readonly monitor: string;
  readonly serial: string;
  readonly vnc: string;
  readonly migration: string;
  readonly pid: string;
}

/** The paths of a guest's files below `guests`, an absolute path. Nothing is made. */
export function guestPaths(guests: string, id: string): GuestPaths {
  const home = join(guests, id);
  const run = join(home, 'run');
  return {
    home,
    manifest: join(home, 'manifest.json'),
    consoleLog: join(home, 'console.log'),
    words: join(home, 'qemu.log'),
    snapshots: join(home, 'snapshots'),
    run,
    monitor: join(run, 'qmp.sock'),
    serial: join(run, 'tty.sock'),
    vnc: join(run, 'vnc.sock'),
    migration: join(run, 'mig.sock'),
    pid: join(run, 'pid'),
  };
}

/** Throws when guests' files cannot lie below `guests`: QEMU's options and the kernel's sockets both restrict a path. */
export function requireUsableDirectory(guests: string): void {
  if (!/^\/[A-Za-z0-9_./-]*$/.test(guests))
    throw new Error(
      `guests cannot be kept in ${JSON.stringify(guests)}: use letters, digits, _ . - and / only`,
    );
  const { monitor } = guestPaths(guests, '0'.repeat(36));
  const excess = Buffer.byteLength(monitor) - longestSocketPath;
  if (excess > 0)
    throw new Error(
      `guests cannot be kept in ${guests}: the path is ${excess} characters too long for unix sockets`,
    );
}
