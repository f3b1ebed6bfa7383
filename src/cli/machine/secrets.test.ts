import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { ensurePassword, readPassword, writePrivately } from './secrets.ts';

const account = { uid: process.getuid!(), gid: process.getgid!() };
const newFile = () => join(temporaryDirectory(), 'password');

test('a password is made once, for its account only', () => {
  const file = newFile();
  const password = ensurePassword(file, account);
  expect(password).toMatch(/^[\w-]{20}$/);
  expect(ensurePassword(file, account)).toBe(password);
  expect(readPassword(file)).toBe(password);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a link in its place is not followed', () => {
  const [file, other] = [newFile(), newFile()];
  writeFileSync(other, 'somebody else’s');
  symlinkSync(other, file);
  expect(() => ensurePassword(file, account)).toThrow('ELOOP');
  expect(() => readPassword(file)).toThrow('ELOOP');
  writePrivately(file, 'ours', account);
  expect(readPassword(file)).toBe('ours');
  expect(readFileSync(other, 'utf8')).toBe('somebody else’s');
});

test('a link where the new file is prepared is not written to', () => {
  const [file, other] = [newFile(), newFile()];
  writeFileSync(other, 'somebody else’s', { mode: 0o644 });
  symlinkSync(other, `${file}.new`);
  ensurePassword(file, account);
  expect(readFileSync(other, 'utf8')).toBe('somebody else’s');
  expect(statSync(other).mode & 0o777).toBe(0o644);
  expect(existsSync(`${file}.new`)).toBe(false);
});
