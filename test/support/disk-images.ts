/** Disk images as small as they can be: headers with what tests want in them, and nothing behind. */

import { randomBytes } from 'node:crypto';

const sector = 512;

/**
 * A raw disk of so many bytes, no two alike. Its first sector is empty: one of 65,536 random ones ends as a partition table
 * does, and is refused because the rest of it is none.
 */
export const randomDisk = (bytes: number): Buffer => randomBytes(bytes).fill(0, 0, Math.min(bytes, sector));

/** A qcow2 header. */
export function qcow2(
  fields: { version?: number; backingOffset?: bigint; size?: bigint; features?: bigint } = {},
): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.write('QFI\xfb', 'latin1');
  bytes.writeUInt32BE(fields.version ?? 3, 4);
  bytes.writeBigUInt64BE(fields.backingOffset ?? 0n, 8);
  bytes.writeUInt32BE(16, 20);
  bytes.writeBigUInt64BE(fields.size ?? 1n << 30n, 24);
  bytes.writeBigUInt64BE(fields.features ?? 0n, 72);
  bytes.writeUInt32BE(104, 100);
  return bytes;
}

/** One entry of a partition table. */
export interface Partition {
  readonly boot?: number;
  readonly type: number;
  readonly chs?: readonly [number, number, number];
  readonly lba?: number;
}

/** The first sector of a disk with a partition table. */
export function partitioned(partitions: readonly Partition[]): Buffer {
  const bytes = Buffer.alloc(sector);
  partitions.forEach(({ boot = 0, type, chs = [0, 2, 0], lba = 1 }, i) => {
    const at = 446 + 16 * i;
    bytes[at] = boot;
    bytes.set(chs, at + 1);
    bytes[at + 4] = type;
    bytes.writeUInt32LE(lba, at + 8);
    bytes.writeUInt32LE(1000, at + 12);
  });
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}

/** The protective partition table of a GPT disk. */
export const gpt = (): Buffer => partitioned([{ type: 0xee }]);

/** The description in a VMDK. */
export const vmdkDescriptor = (
  createType = 'monolithicSparse',
  extent = 'RW 2048 SPARSE "disk.vmdk"',
): string =>
  `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="${createType}"\n\n# Extent description\n${extent}\n\n#DDB\nddb.adapterType = "ide"\n`;

/** A VMDK: a header and its description; with `footer` as one that was streamed. */
export function vmdk(
  fields: {
    version?: number;
    sectors?: bigint;
    descriptorSector?: bigint;
    descriptor?: string;
    footer?: (copy: Buffer) => Buffer;
  } = {},
): Buffer {
  const directory = fields.footer ? 0xffff_ffff_ffff_ffffn : 21n;
  const header = vmdkHeader(
    fields.version ?? 1,
    fields.sectors ?? 2048n,
    fields.descriptorSector ?? 1n,
    directory,
  );
  const descriptor = Buffer.alloc(20 * sector);
  descriptor.write(
    fields.descriptor ?? vmdkDescriptor(fields.footer ? 'streamOptimized' : 'monolithicSparse'),
  );
  if (!fields.footer) return Buffer.concat([header, descriptor, Buffer.alloc(sector)]);
  const marker = Buffer.alloc(sector);
  marker.writeUInt32LE(3, 12);
  const copy = vmdkHeader(fields.version ?? 1, fields.sectors ?? 2048n, 1n, 40n);
  return Buffer.concat([header, descriptor, marker, fields.footer(copy), Buffer.alloc(sector)]);
}

function vmdkHeader(version: number, sectors: bigint, descriptorSector: bigint, directory: bigint): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.write('KDMV');
  bytes.writeUInt32LE(version, 4);
  bytes.writeBigUInt64LE(sectors, 12);
  bytes.writeBigUInt64LE(128n, 20);
  bytes.writeBigUInt64LE(descriptorSector, 28);
  bytes.writeBigUInt64LE(20n, 36);
  bytes.writeUInt32LE(512, 44);
  bytes.writeBigUInt64LE(directory, 56);
  return bytes;
}

/** An ISO 9660 disc. */
export function iso(blocks = 1000): Buffer {
  const bytes = Buffer.alloc(34 * 1024);
  const descriptor = bytes.subarray(32 * 1024);
  descriptor[0] = 1;
  descriptor.write('CD001', 1);
  descriptor.writeUInt32LE(blocks, 80);
  descriptor.writeUInt16LE(2048, 128);
  return bytes;
}

/** A VDI header. */
export function vdi(size = 1n << 30n): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.writeUInt32LE(0xbeda107f, 0x40);
  bytes.writeBigUInt64LE(size, 0x170);
  return bytes;
}

/** A dynamic VHD's first sector. */
export function vhd(size = 1n << 30n): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.write('conectix');
  bytes.writeBigUInt64BE(size, 40);
  return bytes;
}

/** A LUKS header and so many bytes behind its payload's beginning. */
export function luks(version = 1, payload = 4096): Buffer {
  const bytes = Buffer.alloc(4096 * sector + payload);
  bytes.write('LUKS\xba\xbe', 'latin1');
  bytes.writeUInt16BE(version, 6);
  bytes.writeUInt32BE(4096, 104);
  return bytes;
}

/** A QED header. */
export function qed(): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.write('QED\0');
  return bytes;
}
