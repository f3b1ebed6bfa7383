import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openLog } from './log.ts';
import { withoutSecrets } from './redact.ts';

test('secrets are hidden at any depth, in lists too, and the original keeps them', () => {
  const line = {
    token: 't',
    headers: { 'x-auth-token': 't', accept: '*/*' },
    users: [{ name: 'a' }, { name: 'b', password: 'p' }],
  };
  const before = structuredClone(line);
  expect(withoutSecrets(line)).toEqual({
    token: '(redacted)',
    headers: { 'x-auth-token': '(redacted)', accept: '*/*' },
    users: [{ name: 'a' }, { name: 'b', password: '(redacted)' }],
  });
  expect(line).toEqual(before);
});

test('what holds no secret is not copied', () => {
  const line = { method: 'GET', user: undefined, saga: { id: 1, error: null } };
  expect(withoutSecrets(line)).toBe(line);
});

test('an endless object ends', () => {
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  expect(JSON.stringify(withoutSecrets(ring))).toContain('(too deep)');
});

test('a log hides the secrets of its lines and of the errors in them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-log-'));
  const file = join(directory, 'log');
  const log = openLog({ name: 'test', level: 'info', file });
  const error = Object.assign(new Error('no'), { password: 'hidden-1', call: { token: 'hidden-2' } });
  log.info({ err: error, body: { adminPass: 'hidden-3' } }, 'said');
  await new Promise<void>((resolve) => log.flush(() => resolve()));
  const text = readFileSync(file, 'utf8');
  rmSync(directory, { recursive: true });
  expect(text).not.toContain('hidden');
  expect(JSON.parse(text)).toMatchObject({
    body: { adminPass: '(redacted)' },
    err: { type: 'Error', message: 'no', stack: expect.stringContaining('redact.test.ts') },
  });
});
