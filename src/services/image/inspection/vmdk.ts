import {
  bigSize,
  type Detector,
  type Disk,
  type Finding,
  type Problem,
  problemsOf,
  startsWith,
} from './format.ts';

const sectorBytes = 512;
const descriptorOffset = 0x200;
const maxDescriptorBytes = (1 << 20) - 1;
const headerBytes = 64;
/** The offset of the grain directory that says: look into the footer. */
const directoryAtEnd = 0xffff_ffff_ffff_ffffn;
const markers = { endOfStream: 0, footer: 3 };
/** Kinds of disk that are one file; all others would have the host open the files they name. */
const selfContained = ['monolithicsparse', 'streamoptimized'];
const accessModes = ['rw', 'rdonly', 'noaccess'];

/** VMware's format: a binary header and within the file a text that describes the disk, or nothing but such a text. */
export const detectVmdk: Detector = (disk) =>
  startsWith(disk.head, 'KDMV') ? sparseDisk(disk) : describedDisk(disk.head);

interface Header {
  readonly version: number;
  readonly sectors: bigint;
  readonly descriptorSector: bigint;
  readonly descriptorSectors: bigint;
  readonly directory: bigint;
}

const readHeader = (bytes: Buffer): Header => ({
  version: bytes.readUInt32LE(4),
  sectors: bytes.readBigUInt64LE(12),
  descriptorSector: bytes.readBigUInt64LE(28),
  descriptorSectors: bytes.readBigUInt64LE(36),
  directory: bytes.readBigUInt64LE(56),
});

async function sparseDisk(disk: Disk): Promise<Finding> {
  if (disk.head.length < headerBytes) return unsafe({ structure: 'the file ends early' });
  const header = readHeader(disk.head);
  if (![1, 2, 3].includes(header.version)) return unsafe({ structure: 'Unsupported format version' });
  if (header.descriptorSector * BigInt(sectorBytes) !== BigInt(descriptorOffset))
    return unsafe({ structure: 'Wrong descriptor location' });
  const length = Math.min(bigSize(header.descriptorSectors) * sectorBytes, maxDescriptorBytes);
  const bytes = disk.head.subarray(descriptorOffset, descriptorOffset + length);
  if (bytes.length < length) return unsafe({ structure: 'the file ends early' });
  const text = descriptorText(bytes);
  return {
    format: 'vmdk',
    virtualSize: bigSize(header.sectors) * sectorBytes,
    problems: problemsOf({
      descriptor: checkDescriptor(text),
      footer: header.directory === directoryAtEnd && (await checkFooter(disk, header)),
    }),
  };
}

/** Nothing but a description: the data would be in other files. */
function describedDisk(head: Buffer): Finding | undefined {
  if (!isText(head.subarray(0, sectorBytes))) return undefined;
  const text = descriptorText(head.subarray(0, maxDescriptorBytes));
  return text !== undefined && createType(text) !== undefined
    ? unsafe({ descriptor: 'The data is in other files' })
    : undefined;
}

const unsafe = (problems: Readonly<Record<string, string>>): Finding => ({
  format: 'vmdk',
  virtualSize: 0,
  problems: problemsOf(problems) satisfies Problem[],
});

/** Printable ASCII and white space. */
const isText = (bytes: Buffer): boolean =>
  bytes.length > 0 && bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));

/** The description in small letters, which may be padded with zeros; undefined when it is not ASCII. */
function descriptorText(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  return text.every((byte) => byte < 0x80) ? text.toString('latin1').toLowerCase() : undefined;
}

function createType(text: string): string | undefined {
  const found = /createtype="([^"]*)"/.exec(text)?.[1];
  return found !== undefined && found.length < 64 ? found : undefined;
}

/** Every line must be understood, and no extent may lead out of this file. */
function checkDescriptor(text: string | undefined): string | false {
  if (!text) return 'No descriptor found';
  if (!selfContained.includes(createType(text) ?? '')) return 'Unsupported subformat';
  const extents: string[] = [];
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith('ddb')) continue;
    if (accessModes.includes(line.split(' ', 1)[0]!)) extents.push(line);
    else if (!/^[^ =]*=/.test(line)) return 'Invalid VMDK descriptor data';
  }
  if (extents.some((extent) => extent.includes('/'))) return 'Invalid extent filenames found';
  return extents.length === 0 && 'No extents found';
}

/** A stream's header is repeated in its footer, which is what counts: it must say the same. */
async function checkFooter(disk: Disk, header: Header): Promise<string | false> {
  const tail = await disk.read(Math.max(0, disk.size - 3 * sectorBytes), 3 * sectorBytes);
  if (tail.length < 3 * sectorBytes) return 'the file ends early';
  const [marker, copy, end] = [0, 1, 2].map((i) => tail.subarray(i * sectorBytes, (i + 1) * sectorBytes));
  if (!startsWith(copy!, 'KDMV')) return 'Header and footer signature do not match';
  const footer = readHeader(copy!);
  if (footer.version !== header.version) return 'Header and footer versions do not match';
  if (
    footer.descriptorSector !== header.descriptorSector ||
    footer.descriptorSectors !== header.descriptorSectors
  )
    return 'Footer specifies a different descriptor than header';
  if (footer.directory === directoryAtEnd) return 'Footer indicates another footer';
  if (!isMarker(marker!, markers.footer)) return 'Footer marker is invalid';
  const isEnd = isMarker(end!, markers.endOfStream) && end!.readBigUInt64LE(0) === 0n;
  return !isEnd && 'End-of-stream marker is invalid';
}

/** A marker is a sector with a type and nothing of its own. */
const isMarker = (sector: Buffer, type: number): boolean =>
  sector.readUInt32LE(8) === 0 &&
  sector.readUInt32LE(12) === type &&
  sector.subarray(16).every((byte) => byte === 0);
