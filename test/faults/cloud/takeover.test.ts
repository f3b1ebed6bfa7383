import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { lockHolder } from '#kit/process/lock.ts';
import { isAlive, signalProcess } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { RealCloud, until } from '#test/e2e/cloud.ts';
import { Random } from '#test/support/chaos/random.ts';

// The supervisor of a real cloud is killed, and what it looked after dies while the next one takes over. SEED repeats the
// random moments. Runs as root in a network namespace of its own.

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const random = new Random(seed);
const cloud = new RealCloud();
const { layout } = cloud;

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
  process.stderr.write(`takeover: SEED=${seed}\n`);
  await cloud.up();
});
afterAll(() => cloud.remove(), 120_000);

const supervisor = () => lockHolder(layout.supervisorLock);
const child = (name: string) => readState(layout.processes).find((one) => one.name === name)!.id;
async function killSupervisor(): Promise<void> {
  const id = supervisor()!;
  signalProcess(id, 'SIGKILL');
  await until('the supervisor is dead', 30, async () => !isAlive(id));
}
const allRun = (): Promise<unknown> =>
  until('all processes', 60, async () =>
    readState(layout.processes).every(({ id, state }) => state === 'running' && id && isAlive(id)),
  );

test.each(['ovn-nb', 'ovn-sb', 'ovn-northd', 'ovs-db', 'ovs-vswitchd', 'ovn-controller', 'agent'])(
  '%s dies while a supervisor takes over',
  async (name) => {
    const control = child('control');
    await killSupervisor();
    const up = cloud.stratalith('up');
    await sleep(random.between(0, 3000));
    const victim = child(name);
    if (victim) signalProcess(victim, 'SIGKILL');
    expect(await up).toMatchObject({ code: 0 });
    await allRun();
    expect(child('control')).toEqual(control);
  },
);

test('the next supervisor dies as well, and all that it looked after', async () => {
  await killSupervisor();
  const up = cloud.stratalith('up');
  await until('the next one', 60, async () => supervisor());
  for (const { id } of readState(layout.processes)) if (id) signalProcess(id, 'SIGKILL');
  await killSupervisor();
  // what it says depends on how far it got
  await up;
  expect(await cloud.stratalith('up')).toMatchObject({ code: 0 });
  await allRun();
});
