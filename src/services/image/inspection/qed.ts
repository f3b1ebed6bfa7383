import { type Detector, problemsOf, startsWith } from './format.ts';

/** A format QEMU gave up. Nothing uses it, so whoever uploads it is up to something. */
export const detectQed: Detector = ({ head }) =>
  head.length >= 512 && startsWith(head, 'QED\0')
    ? {
        format: 'qed',
        virtualSize: 0,
        problems: problemsOf({ banned: 'This file format is not allowed' }),
      }
    : undefined;
