import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { GuestSpec } from '#contracts/guest.ts';

import { SimHypervisor } from './hypervisor.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stratalith-sim-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const host = () => new SimHypervisor({ name: 'host', directory });
const guest = { power: 'running', ports: [], kept: null, console: '', startedAt: 0 } as const;

test('guests outlive the process; what it was writing when it was killed does not', () => {
  const spec = { id: 'one', rootGb: 1, memoryMb: 1 } as GuestSpec;
  const before = host();
  before.save({ ...guest, ports: [], spec });
  writeFileSync(join(before.scratch, 'snapshot.qcow2'), 'half of it');
  writeFileSync(join(directory, 'two.json.new'), '{"spec":');

  const after = host();
  expect([...after.guests.keys()]).toEqual(['one']);
  after.remove('one');
  expect(readdirSync(directory, { recursive: true })).toEqual(['scratch']);
  expect(host().guests.size).toBe(0);
});
