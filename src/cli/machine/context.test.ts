import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { layoutOf } from '#contracts/machine.ts';
import { requireUsableDirectory } from '#drivers/virt/qemu/layout.ts';
import { parseConfig } from '#main/config.ts';

import { withFlags } from '../commands/up.ts';
import { UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';
import { dataDirectory, lockCommands, readConfig, requireShortPath } from './context.ts';

const parts: ProgramParts = {
  version: '0',
  root: '/program',
  supervisor: [],
  nodeFlags: [],
  nodeEnvironment: () => ({}),
  stopGuests: async () => 0,
  removeTraces: async () => 0,
  probeKvm: async () => undefined,
  parseConfig: async (toml) => parseConfig(toml),
};
const options = { arguments: [] };
let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'stratalith-cli-'));
});
afterEach(() => rmSync(data, { recursive: true }));

test('without a file every option has its default', async () => {
  const config = await readConfig(options, layoutOf(data), parts);
  expect(config.api.listen).toBe('127.0.0.1');
  expect(config.ports).toMatchObject({ identity: 5000, compute: 8774, console: 6080 });
});

test('the file asked for goes before the one in the data directory, the command line before both', async () => {
  writeFileSync(join(data, 'stratalith.toml'), '[api]\nlisten = "192.0.2.1"\nregion = "home"\n');
  const other = join(data, 'other.toml');
  writeFileSync(other, '[api]\nlisten = "192.0.2.2"\n');
  const own = await readConfig(options, layoutOf(data), parts);
  expect(own.api).toMatchObject({ listen: '192.0.2.1', region: 'home' });
  const asked = await readConfig({ ...options, config: other }, layoutOf(data), parts);
  expect(asked.api).toMatchObject({ listen: '192.0.2.2', region: 'RegionOne' });
  expect(withFlags(own, { listen: '::1' }).api).toMatchObject({ listen: '::1', region: 'home' });
  expect(withFlags(own, { sim: true }).drivers).toMatchObject({ virt: 'sim', net: 'sim' });
  expect(withFlags(own, {}).drivers).toMatchObject({ virt: 'qemu', net: 'ovn' });
});

test('a configuration that cannot be used is refused with every problem', async () => {
  writeFileSync(join(data, 'stratalith.toml'), '[api]\nlisten = 1\nport = 2\n');
  const refusal = readConfig(options, layoutOf(data), parts);
  await expect(refusal).rejects.toThrow(UserError);
  await expect(refusal).rejects.toMatchObject({
    hints: [
      '[api] port: no such option',
      '[api] listen: expected text, got 1',
      expect.stringContaining('configuration.md'),
    ],
  });
  const missing = join(data, 'missing.toml');
  await expect(readConfig({ ...options, config: missing }, layoutOf(data), parts)).rejects.toThrow(missing);
});

test('one command at a time works on a data directory', () => {
  const layout = layoutOf(data);
  mkdirSync(layout.run);
  const first = lockCommands(layout);
  expect(() => lockCommands(layout)).toThrow(/another command is at work .* \(pid \d+: /);
  first.release();
  lockCommands(layout).release();
});

test('a data directory whose sockets would have too long a path is refused', () => {
  expect(() => dataDirectory({ ...options, data: `/tmp/${'x'.repeat(60)}` })).toThrow(/too long/);
  expect(dataDirectory({ ...options, data: '/tmp/x/../y' }).data).toBe('/tmp/y');
  const longest = `/${'x'.repeat(43)}`;
  requireShortPath(longest, 'real');
  expect(() => requireShortPath(`${longest}x`, 'real')).toThrow(/too long/);
  requireUsableDirectory(join(layoutOf(longest).agent, 'guests'));
  expect(() => requireUsableDirectory(join(layoutOf(`${longest}x`).agent, 'guests'))).toThrow(/too long/);
});
