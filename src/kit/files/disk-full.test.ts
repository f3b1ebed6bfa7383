import { expect, test } from 'vitest';

import { CloudError } from '../errors/cloud-error.ts';
import { isDiskFull, needingRoom } from './disk-full.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
const program = new CloudError('internal', 'qemu-img failed: Could not write: No space left on device');

test('a full disk is known by its code, and by the words of a program', () => {
  expect([full, program, new Error('no'), undefined].map(isDiskFull)).toEqual([true, true, false, false]);
});

test('who had no room says for what; the innermost has the say', async () => {
  const failing = () => needingRoom('the disks', () => Promise.reject(program));
  const error: unknown = await needingRoom('the guest', failing).catch((e: unknown) => e);
  expect(error).toMatchObject({
    kind: 'internal',
    message: 'There is no room on this host for the disks.',
    cause: program,
  });
});

test('anything else passes as it is', async () => {
  await expect(needingRoom('it', () => Promise.reject(new Error('no')))).rejects.toThrow(/^no$/);
  expect(await needingRoom('it', async () => 1)).toBe(1);
});
