import { open } from 'node:fs/promises';

/** What `qemu-img` calls each declared disk format. An AMI's disk, a kernel and a CD are plain bytes. */
const driverOf: Readonly<Record<string, string>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  iso: 'raw',
  ami: 'raw',
  aki: 'raw',
  ari: 'raw',
  vmdk: 'vmdk',
  vdi: 'vdi',
  vhd: 'vpc',
  vhdx: 'vhdx',
};

/** Leading bytes by format, at their offset. A format without a driver above is refused whatever was declared. */
const signatures: readonly { format: string; offset: number; bytes: string }[] = [
  { format: 'qcow2', offset: 0, bytes: 'QFI\xfb' },
  { format: 'vmdk', offset: 0, bytes: 'KDMV' },
  { format: 'vmdk descriptor', offset: 0, bytes: '# Disk Descriptor' },
  { format: 'vmdk3', offset: 0, bytes: 'COWD' },
  { format: 'vdi', offset: 0x40, bytes: '\x7f\x10\xda\xbe' },
  { format: 'vhdx', offset: 0, bytes: 'vhdxfile' },
  { format: 'vpc', offset: 0, bytes: 'conectix' },
  { format: 'qed', offset: 0, bytes: 'QED\0' },
  { format: 'luks', offset: 0, bytes: 'LUKS\xba\xbe' },
  { format: 'parallels', offset: 0, bytes: 'WithoutFreeSpace' },
  { format: 'parallels', offset: 0, bytes: 'WithouFreSpacExt' },
];

/** The driver that reads an image declared as `declared`; undefined when it is nothing QEMU is asked to read. */
export const declaredDriver = (declared: string): string | undefined => driverOf[declared];

/** What a file really is, by its own bytes; anything unknown is `raw`. Fixed-size VHDs carry their mark at the end. */
export async function detectFormat(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(512);
    await file.read(head, 0, head.length, 0);
    const found = signatures.find(({ offset, bytes }) => head.toString('latin1', offset).startsWith(bytes));
    if (found) return found.format;
    const { size } = await file.stat();
    const foot = Buffer.alloc(8);
    if (size >= 512) await file.read(foot, 0, foot.length, size - 512);
    return foot.toString('latin1') === 'conectix' ? 'vpc' : 'raw';
  } finally {
    await file.close();
  }
}

/**
 * Whether a qcow2 header asks for another file: looked at before any program is let near it, since some versions of
 * qemu-img open a data file while they are only asked for information.
 */
export async function qcow2NeedsOthers(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(80);
    await file.read(head, 0, head.length, 0);
    const version = head.readUInt32BE(4);
    if (version !== 2 && version !== 3) return true;
    const backingFileOffset = head.readBigUInt64BE(8);
    const externalDataFile = version === 3 && (head.readBigUInt64BE(72) & 4n) !== 0n;
    return backingFileOffset !== 0n || externalDataFile;
  } finally {
    await file.close();
  }
}
