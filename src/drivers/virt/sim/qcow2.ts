const clusterBits = 16;
const clusterSize = 1 << clusterBits;
const l2Entries = clusterSize / 8;

/**
 * An empty qcow2 image (version 3) of `virtualSize` bytes, as `qemu-img create` makes it: header, one refcount table,
 * one refcount block, and an L1 table without entries.
 */
export function emptyQcow2(virtualSize: number): Buffer {
  const l1Entries = Math.max(1, Math.ceil(virtualSize / (clusterSize * l2Entries)));
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterSize);
  const file = Buffer.alloc((3 + l1Clusters) * clusterSize);
  file.write('QFI\xfb', 0, 'latin1');
  file.writeUInt32BE(3, 4);
  file.writeUInt32BE(clusterBits, 20);
  file.writeBigUInt64BE(BigInt(virtualSize), 24);
  file.writeUInt32BE(l1Entries, 36);
  file.writeBigUInt64BE(BigInt(3 * clusterSize), 40); // L1 table
  file.writeBigUInt64BE(BigInt(clusterSize), 48); // refcount table
  file.writeUInt32BE(1, 56);
  file.writeUInt32BE(4, 96); // refcounts of 16 bits
  file.writeUInt32BE(104, 100); // header length
  file.writeBigUInt64BE(BigInt(2 * clusterSize), clusterSize);
  for (let cluster = 0; cluster < 3 + l1Clusters; cluster++)
    file.writeUInt16BE(1, 2 * clusterSize + cluster * 2);
  return file;
}
