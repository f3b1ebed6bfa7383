import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '#kit/clock/clock.ts';

import { rotateKeys } from '../loops/rotate-keys.ts';
import { KeyRepository } from './keys.ts';

let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'stratalith-keys-')), 'fernet');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

const opened = (maxActive = 3): KeyRepository => {
  const keys = new KeyRepository(directory, maxActive);
  keys.open();
  return keys;
};
const files = () => readdirSync(directory).sort((a, b) => Number(a) - Number(b));
const payloadOf = (keys: KeyRepository, token: string) => keys.unseal(token)?.payload.toString();

test('a repository starts with a staged and a primary key that only its owner can read', () => {
  opened();
  expect(files()).toEqual(['0', '1']);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const file of files()) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
});

test('opening it again changes nothing', () => {
  opened();
  const before = files().map((file) => readFileSync(join(directory, file), 'utf8'));
  opened();
  expect(files().map((file) => readFileSync(join(directory, file), 'utf8'))).toEqual(before);
});

test('a rotation promotes the staged key; tokens live until their key is the oldest beyond the limit', () => {
  const keys = opened();
  const staged = readFileSync(join(directory, '0'), 'utf8');
  const token = keys.seal(Buffer.from('first'), 1);
  keys.rotate();
  expect(files()).toEqual(['0', '1', '2']);
  expect(readFileSync(join(directory, '2'), 'utf8')).toBe(staged);
  expect(payloadOf(keys, token)).toBe('first');
  keys.rotate();
  expect(files()).toEqual(['0', '2', '3']);
  expect(payloadOf(keys, token)).toBeUndefined();
});

test('a process that has not seen a rotation reads the tokens made after it', () => {
  const here = opened();
  const there = opened();
  here.rotate();
  expect(payloadOf(there, here.seal(Buffer.from('new'), 1))).toBe('new');
});

test('other files are let alone, empty keys too', () => {
  const keys = opened();
  for (const name of ['README', '00', '-1', '5.bak']) writeFileSync(join(directory, name), 'x');
  writeFileSync(join(directory, '7'), '');
  keys.reload();
  expect(payloadOf(keys, keys.seal(Buffer.from('x'), 1))).toBe('x');
});

test('of two rotations at once one gives way; what a crash left behind does not', () => {
  const keys = opened();
  const marker = join(directory, '0.tmp');
  writeFileSync(marker, 'half a key');
  expect(() => keys.rotate()).toThrow(/EEXIST/);
  const longAgo = Date.now() / 1000 - 3600;
  utimesSync(marker, longAgo, longAgo);
  keys.rotate();
  expect(files()).toEqual(['0', '1', '2']);
});

test('the loop rotates when the keys are old enough, and never when told not to', async () => {
  const keys = opened();
  await rotateKeys(keys, systemClock, 3_600_000).run();
  expect(files()).toEqual(['0', '1']);
  const old = Date.now() / 1000 - 4000;
  utimesSync(join(directory, '0'), old, old);
  await rotateKeys(keys, systemClock, 0).run();
  expect(files()).toEqual(['0', '1']);
  await rotateKeys(keys, systemClock, 3_600_000).run();
  expect(files()).toEqual(['0', '1', '2']);
});
