import { bigSize, type Detector, startsWith } from './format.ts';

/** Virtual PC's format, in the dynamic form that has a copy of its footer in front. */
export const detectVhd: Detector = ({ head }) =>
  startsWith(head, 'conectix')
    ? {
        format: 'vhd',
        virtualSize: head.length >= 512 ? bigSize(head.readBigUInt64BE(40)) : 0,
        problems: [],
      }
    : undefined;
