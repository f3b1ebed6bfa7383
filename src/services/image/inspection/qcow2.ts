import { bigSize, type Detector, problemsOf, startsWith } from './format.ts';

const headerBytes = 512;
/** Bits of incompatible features that are understood: dirty, corrupt, external data file, compression type. */
const knownFeatures = 0b1111n;
const dataFileFeature = 0b0100n;

/**
 * QEMU's own format: https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt. An image that names a
 * backing file or an external data file would have the host open that file for the guest.
 */
export const detectQcow2: Detector = ({ head }) => {
  if (head.length < headerBytes || !startsWith(head, 'QFI\xfb')) return undefined;
  const version = head.readUInt32BE(4);
  const features = head.readBigUInt64BE(72);
  return {
    format: 'qcow2',
    virtualSize: bigSize(head.readBigUInt64BE(24)),
    problems: problemsOf({
      backing_file: head.readBigUInt64BE(8) !== 0n && 'Image has a backing file',
      data_file: (features & dataFileFeature) !== 0n && 'Image has data_file set',
      unknown_features: unknownFeatures(version, features),
    }),
  };
};

/** Version 2 has no feature bits. */
function unknownFeatures(version: number, features: bigint): string | false {
  if (version === 2) return false;
  if (version !== 3) return 'Unsupported qcow2 version';
  return (features & ~knownFeatures) !== 0n && 'Unknown QCOW2 features found';
}
