import { afterAll, beforeAll, expect, test } from 'vitest';

import { isAlive } from '#kit/process/proc.ts';
import { RealCloud, until } from '#test/e2e/cloud.ts';
import { Planter } from '#test/support/chaos/planter.ts';

// One of each thing that may be left without an owner is planted in a real cloud: the audit names it. What is surely
// nobody's is then removed by itself. Runs as root in a network namespace of its own.

const cloud = new RealCloud();
let planter: Planter;

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
  planter = await Planter.settle(cloud);
});
afterAll(() => cloud.remove(), 120_000);

test('a cloud with a server in it is clean', async () => {
  expect(await planter.audit()).toEqual([]);
});

test('each thing without an owner is named', async () => {
  const planted = await planter.all();
  expect((await planter.audit()).toSorted()).toEqual(planted.toSorted());
});

test('what was a guest’s is removed by itself, and the server is as it was', async () => {
  // a port and a consumer that never were a server’s of ours are somebody’s doing
  const kept = /^(port|consumer) .*(does not exist|is no server)$/;
  await until('only that is left', 180, async () => (await planter.audit()).every((line) => kept.test(line)));
  expect(await planter.audit()).toHaveLength(2);
  expect((await cloud.openstack('server', 'show', 'one')).status).toBe('ACTIVE');
  expect(isAlive(planter.stray!)).toBe(false);
});
