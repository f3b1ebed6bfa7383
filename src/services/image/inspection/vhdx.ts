import { bigSize, type Detector, type Disk, type Finding, startsWith } from './format.ts';

const regionTable = { offset: 192 * 1024, length: 64 * 1024 };
const maxEntries = 2047;
const entryBytes = 32;

/** GUIDs as they lie in a file: the first three groups are little-endian. */
const metadataRegion = Buffer.from('06a27c8b90479a4bb8fe575f050f886e', 'hex');
const virtualDiskSize = Buffer.from('2442a52f1bcd7648b2115dbed83bf4b8', 'hex');

/**
 * Hyper-V's format: https://learn.microsoft.com/openspecs/windows_protocols/ms-vhdx. A table of regions tells where the
 * metadata is, whose own table tells where the size of the disk is.
 */
export const detectVhdx: Detector = async (disk) => {
  if (!startsWith(disk.head, 'vhdxfile')) return undefined;
  const size = await sizeOf(disk);
  return typeof size === 'number'
    ? found(size)
    : { ...found(0), problems: [{ check: 'structure', reason: size.problem }] };
};

const found = (virtualSize: number): Finding => ({ format: 'vhdx', virtualSize, problems: [] });

async function sizeOf(disk: Disk): Promise<number | { problem: string }> {
  const regions = await disk.read(regionTable.offset, regionTable.length);
  if (regions.length < regionTable.length) return { problem: 'the file ends early' };
  if (!startsWith(regions, 'regi')) return { problem: 'there is no region table' };
  const region = findEntry(regions, 16, regions.readUInt32LE(8), metadataRegion);
  if (region === 'too many') return { problem: 'the region table has too many entries' };
  if (!region) return 0;
  const start = bigSize(region.readBigUInt64LE(16));
  const metadata = await disk.read(start, entryBytes * (maxEntries + 1));
  if (metadata.length < entryBytes) return { problem: 'the file ends early' };
  if (!startsWith(metadata, 'metadata')) return { problem: 'there is no metadata table' };
  const item = findEntry(metadata, entryBytes, metadata.readUInt16LE(10), virtualDiskSize);
  if (item === 'too many') return { problem: 'the metadata table has too many entries' };
  if (!item) return 0;
  const value = await disk.read(start + item.readUInt32LE(16), 8);
  return value.length === 8 ? bigSize(value.readBigUInt64LE(0)) : { problem: 'the file ends early' };
}

/** The entry of a table that has a GUID; a table that is cut off has only the entries before the cut. */
function findEntry(
  table: Buffer,
  first: number,
  count: number,
  guid: Buffer,
): Buffer | 'too many' | undefined {
  if (count > maxEntries) return 'too many';
  for (let i = 0; i < count; i++) {
    const entry = table.subarray(first + i * entryBytes, first + (i + 1) * entryBytes);
    if (entry.length === entryBytes && entry.subarray(0, 16).equals(guid)) return entry;
  }
  return undefined;
}
