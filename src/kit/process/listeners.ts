import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { commandOf } from './proc.ts';

/** A process that listens on a TCP port in this network namespace. */
export interface Listener {
  readonly port: number;
  /** The address in the kernel's notation turned readable: `127.0.0.1`, `::`. */
  readonly address: string;
  /** Undefined when it is another user's process and we may not look. */
  readonly pid: number | undefined;
  readonly command: string | undefined;
}

/** Whoever listens on one of these ports, in the order of the ports. */
export function listeners(ports: readonly number[]): Listener[] {
  const found = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap(socketsOf)
    .filter(({ port }) => ports.includes(port));
  if (found.length === 0) return [];
  const owners = socketOwners(new Set(found.map(({ inode }) => inode)));
  return found
    .sort((a, b) => a.port - b.port)
    .map(({ port, address, inode }) => {
      const pid = owners.get(inode);
      return { port, address, pid, command: pid === undefined ? undefined : commandOf(pid) };
    });
}

/** The listening sockets of one of the kernel's tables. */
function socketsOf(table: string): { port: number; address: string; inode: string }[] {
  const listening = '0A';
  return linesOf(table).flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== listening) return [];
    return [{ port: Number.parseInt(port, 16), address: readableAddress(address), inode }];
  });
}

/** A table's lines below its heading; none where the kernel has no such table, as without IPv6. */
function linesOf(table: string): string[] {
  try {
    return readFileSync(table, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}

/** Which process holds each of these socket inodes. */
function socketOwners(inodes: ReadonlySet<string>): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of readdirSync('/proc').map(Number)) {
    if (!pid) continue;
    let descriptors: string[];
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue;
    }
    for (const descriptor of descriptors) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode && inodes.has(inode)) owners.set(inode, pid);
      } catch {
        // closed meanwhile
      }
    }
  }
  return owners;
}

/** `0100007F` is 127.0.0.1: the kernel prints 32-bit words in the machine's byte order. */
function readableAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((b) => b === 0)) return '::';
  if (bytes.slice(0, 15).every((b) => b === 0) && bytes[15] === 1) return '::1';
  if (bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  return groups.join(':');
}
