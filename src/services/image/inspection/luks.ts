import { type Detector, problemsOf, startsWith } from './format.ts';

const headerBytes = 592;
const sectorBytes = 512;

/** An encrypted disk: https://gitlab.com/cryptsetup/cryptsetup/-/wikis/LUKS-standard/on-disk-format.pdf */
export const detectLuks: Detector = ({ head, size }) => {
  if (!startsWith(head, 'LUKS\xba\xbe')) return undefined;
  if (head.length < headerBytes)
    return { format: 'luks', virtualSize: 0, problems: problemsOf({ structure: 'the file ends early' }) };
  const version = head.readUInt16BE(6);
  return {
    format: 'luks',
    virtualSize: Math.max(0, size - head.readUInt32BE(104) * sectorBytes),
    problems: problemsOf({ version: version !== 1 && `LUKS version ${version} is not supported` }),
  };
};
