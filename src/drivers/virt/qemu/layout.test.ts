import { expect, test } from 'vitest';

import { findGuestUser } from './guest-user.ts';
import { requireUsableDirectory } from './layout.ts';
import { parseInfo } from './qemu-img.ts';

test('a directory whose path is too long, or that an option could not hold, is refused with the reason', () => {
  requireUsableDirectory('/var/lib/stratalith/agent/guests');
  expect(() => requireUsableDirectory(`/${'long'.repeat(20)}/guests`)).toThrow('too long for unix sockets');
  for (const path of ['/data,readonly=on/guests', '/with blank', 'relative', '/new\nline'])
    expect(() => requireUsableDirectory(path)).toThrow('cannot be kept in');
});

test('guests never run as root', () => {
  expect(() => findGuestUser('root')).toThrow('privileged');
  expect(findGuestUser('nobody-of-that-name')).toBeUndefined();
});

test('what qemu-img says about other files is found wherever it says it', () => {
  const info = (more: object) => parseInfo(JSON.stringify({ format: 'x', 'virtual-size': 1, ...more }), '/a');
  const data = (found: object) => ({ 'format-specific': { data: found } });
  expect(info({}).otherFiles).toEqual([]);
  expect(info({ 'backing-filename': '/etc/passwd' }).otherFiles).toEqual(['/etc/passwd']);
  expect(info(data({ 'data-file': '/dev/sda' })).otherFiles).toEqual(['/dev/sda']);
  expect(info(data({ extents: [{ filename: '/a' }, { filename: '/b' }] })).otherFiles).toEqual(['/b']);
});
