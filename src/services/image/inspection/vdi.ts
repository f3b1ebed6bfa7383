import { bigSize, type Detector } from './format.ts';

const magic = 0xbeda107f;

/** VirtualBox's format. */
export const detectVdi: Detector = ({ head }) =>
  head.length >= 512 && head.readUInt32LE(0x40) === magic
    ? { format: 'vdi', virtualSize: bigSize(head.readBigUInt64LE(0x170)), problems: [] }
    : undefined;
