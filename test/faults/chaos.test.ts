import { randomInt } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { CloudClient } from '#cli/cloud/client.ts';
import { isAlive } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { bringBack, causeChaos } from '#test/support/chaos/chaos.ts';
import { Chronicle } from '#test/support/chaos/chronicle.ts';
import { furnish } from '#test/support/chaos/furnish.ts';
import { childOf } from '#test/support/chaos/killer.ts';
import { leftInApis } from '#test/support/chaos/leftovers.ts';
import type { Life } from '#test/support/chaos/life.ts';
import { Patient } from '#test/support/chaos/patient.ts';

import { newSimCloud, type SimCloud } from '../support/sim-cloud.ts';

// The test of cloud/chaos.test.ts with simulated guests: more users, many more operations, and one process to kill.

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const seconds = Number(process.env.CHAOS_SECONDS ?? 45);

const chronicle = new Chronicle(process.env.CHAOS_LOG);
let cloud: SimCloud;
let admin: Patient;
let lives: Life[] = [];
let passed = false;

beforeAll(async () => {
  process.stderr.write(`chaos with simulated guests: SEED=${seed} CHAOS_SECONDS=${seconds}\n`);
  cloud = await newSimCloud();
});
afterAll(async () => {
  process.stderr.write(`chaos with simulated guests: SEED=${seed}: ${chronicle.summary}\n`);
  if (!passed) keepLogs();
  await cloud.remove();
}, 120_000);

const login = (user: string, project: string, file: string) => ({
  authUrl: `http://127.0.0.1:${cloud.ports.identity}/v3`,
  user,
  project,
  password: readFileSync(file, 'utf8').trim(),
});

test(
  'users at work while control and agents are killed',
  async () => {
    expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
    const { layout } = cloud;
    const demo = login('demo', 'demo', join(layout.data, 'demo-password'));
    const administrator = login('admin', 'admin', layout.adminPassword);
    admin = new Patient('admin', await CloudClient.login(administrator), chronicle);
    const user = new Patient('demo', await CloudClient.login(demo), chronicle);
    lives = await causeChaos({
      seed,
      seconds,
      users: 8,
      login: demo,
      furniture: { ...(await furnish(admin, user)), patience: 60 },
      victims: [childOf(layout, 'sim')],
      pace: { least: 1000, most: 15_000 },
      chronicle,
    });
    expect(chronicle.problems).toEqual([]);
  },
  (seconds + 120) * 1000,
);

test('every server can be brought back', async () => {
  expect(readState(cloud.layout.processes).every(({ id }) => id && isAlive(id))).toBe(true);
  await bringBack(lives);
  expect(chronicle.problems).toEqual([]);
});

test('nothing is left once everything is deleted', async () => {
  for (const life of lives.filter(({ lives }) => lives)) await life.end();
  expect(chronicle.problems).toEqual([]);
  expect(await leftInApis(admin)).toEqual([]);
  const hosts = join(cloud.layout.control, 'hosts');
  for (const host of readdirSync(hosts)) {
    expect(readdirSync(join(hosts, host, 'guests'), { recursive: true })).toEqual(['scratch']);
    expect(readdirSync(join(hosts, host, 'specs'))).toEqual([]);
  }
  expect(await cloud.run('audit')).toMatchObject({ code: 0, output: 'Everything has an owner.\n' });
  passed = true;
});

/** Keeps what helps to find out why it failed. */
function keepLogs(): void {
  const kept = join(tmpdir(), `stratalith-chaos-${seed}`);
  cpSync(cloud.layout.log, join(kept, 'log'), { recursive: true });
  writeFileSync(join(kept, 'story.txt'), `${chronicle.story}\n`);
  process.stderr.write(`the story and the logs are in ${kept}\n`);
}
