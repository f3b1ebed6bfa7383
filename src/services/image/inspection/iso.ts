import type { Detector } from './format.ts';

const descriptorOffset = 32 * 1024;
const descriptorBytes = 2048;
const identifiers = ['CD001', 'NSR02', 'NSR03'];

/** ISO 9660 and UDF: the volume descriptor follows 32 KiB that are left to boot loaders. */
export const detectIso: Detector = ({ head }) => {
  const descriptor = head.subarray(descriptorOffset, descriptorOffset + descriptorBytes);
  if (descriptor.length < descriptorBytes) return undefined;
  if (!identifiers.includes(descriptor.toString('latin1', 1, 6))) return undefined;
  const isPrimary = descriptor[0] === 1;
  const blocks = descriptor.readUInt32LE(80);
  const blockBytes = descriptor.readUInt16LE(128);
  return { format: 'iso', virtualSize: isPrimary ? blocks * blockBytes : 0, problems: [] };
};
