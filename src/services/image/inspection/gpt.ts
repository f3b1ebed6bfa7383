import { type Detector, problemsOf } from './format.ts';

const signature = 0xaa55;
const tableOffset = 446;
const entryBytes = 16;
const gptType = 0xee;

/** A disk with a partition table, MBR or GPT: the latter begins with an MBR that protects it. */
export const detectGpt: Detector = ({ head, size }) => {
  if (head.length < 512 || head.readUInt16LE(510) !== signature || isFat(head)) return undefined;
  return { format: 'gpt', virtualSize: size, problems: problemsOf({ mbr: checkTable(head) }) };
};

/** A FAT file system's boot sector has the same signature: two tables, on a fixed disk. */
const isFat = (sector: Buffer): boolean => sector[0x10] === 2 && sector[0x15] === 0xf8;

function checkTable(sector: Buffer): string | false {
  const used: number[] = [];
  let hasGpt = false;
  for (let i = 0; i < 4; i++) {
    const entry = sector.subarray(tableOffset + i * entryBytes, tableOffset + (i + 1) * entryBytes);
    if (entry[0] !== 0x00 && entry[0] !== 0x80) return `MBR PTE ${i} has invalid boot flag`;
    if (entry[4] !== 0) used.push(i);
    if (entry[4] !== gptType) continue;
    hasGpt = true;
    if (entry[1] !== 0 || entry[2] !== 2 || entry[3] !== 0) return 'GPT MBR has invalid start CHS';
    if (entry.readUInt32LE(8) !== 1) return 'GPT MBR has invalid start LBA';
  }
  if (hasGpt && (used.length !== 1 || used[0] !== 0)) return 'GPT MBR defines invalid extra partitions';
  return used.length === 0 && 'GPT MBR has no partitions defined';
}
