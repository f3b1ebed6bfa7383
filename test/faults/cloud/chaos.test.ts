import { randomInt } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { CloudClient } from '#cli/cloud/client.ts';
import { publicUrl } from '#contracts/machine.ts';
import { findGuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { findProcesses } from '#drivers/virt/qemu/process.ts';
import { isAlive } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { parseConfig } from '#main/config.ts';
import { RealCloud, run, until } from '#test/e2e/cloud.ts';
import { bringBack, causeChaos } from '#test/support/chaos/chaos.ts';
import { Chronicle } from '#test/support/chaos/chronicle.ts';
import { furnish } from '#test/support/chaos/furnish.ts';
import { anyGuest, childOf, supervisorOf } from '#test/support/chaos/killer.ts';
import { leftInApis, leftInOvn, leftOnHost } from '#test/support/chaos/leftovers.ts';
import type { Life } from '#test/support/chaos/life.ts';
import { Patient } from '#test/support/chaos/patient.ts';

// Users at work on a real cloud while everything it is made of is killed at random moments. As root in a network
// namespace of its own: ip netns exec NAME vitest run --project cloud-faults chaos. SEED repeats the random choices,
// CHAOS_SECONDS says how long it lasts, CHAOS_LOG where it is told as it happens, CHAOS_KEEP leaves the cloud running.

const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
const seconds = Number(process.env.CHAOS_SECONDS ?? 180);
const users = 3;

const cloud = new RealCloud();
const { layout } = cloud;
const chronicle = new Chronicle(process.env.CHAOS_LOG);
const authUrl = `${publicUrl(parseConfig(''), 'identity')}/v3`;
let guestUid = 0;
let admin: Patient;
let lives: Life[] = [];
let passed = false;

beforeAll(() => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
  process.stderr.write(`chaos: SEED=${seed} CHAOS_SECONDS=${seconds}\n`);
  // a guest that is killed while it boots cannot be waited for
  writeFileSync(
    join(layout.data, 'stratalith.toml'),
    '[compute]\nshutdown_timeout = 6\nsoft_reboot_timeout = 10\n',
  );
});
afterAll(async () => {
  process.stderr.write(`chaos: SEED=${seed}: ${chronicle.summary}\n`);
  if (!passed) keepLogs();
  if (!process.env.CHAOS_KEEP) await cloud.remove();
}, 120_000);

test(
  'users at work while everything is killed',
  async () => {
    await cloud.up();
    guestUid = findGuestUser(parseConfig('').qemu.guest_user)!.uid;
    admin = new Patient('admin', await logIn('admin', 'admin', layout.adminPassword), chronicle);
    const user = new Patient(
      'demo',
      await logIn('demo', 'demo', join(layout.data, 'demo-password')),
      chronicle,
    );
    lives = await causeChaos({
      seed,
      seconds,
      users,
      login: {
        authUrl,
        user: 'demo',
        project: 'demo',
        password: passwordIn(join(layout.data, 'demo-password')),
      },
      furniture: { ...(await furnish(admin, user)), patience: 240 },
      victims: [
        childOf(layout, 'control', 3),
        childOf(layout, 'agent', 3),
        anyGuest(layout, guestUid, 3),
        supervisorOf(layout, bringUp, 0.7),
        ...['ovn-nb', 'ovn-sb', 'ovn-northd', 'ovs-db', 'ovs-vswitchd', 'ovn-controller'].map((name) =>
          childOf(layout, name),
        ),
      ],
      pace: { least: 500, most: 5000 },
      chronicle,
    });
    expect(chronicle.problems).toEqual([]);
  },
  (seconds + 600) * 1000,
);

test('what was killed is back', async () => {
  await until('all processes', 60, async () =>
    readState(layout.processes).every(({ id, state }) => state === 'running' && id && isAlive(id)),
  );
});

test('every server is as it says', async () => {
  for (const life of lives.filter(({ lives }) => lives)) {
    await life.settled('settle');
    await until(`server ${life.id} and its guest agree`, 30, () => agree(life));
  }
  expect(chronicle.problems).toEqual([]);
}, 300_000);

test('every server can be brought back, and be reached', async () => {
  await bringBack(lives);
  for (const life of lives.filter(({ lives }) => lives)) await reach(life);
  expect(chronicle.problems).toEqual([]);
}, 900_000);

test('nothing is left once everything is deleted', async () => {
  for (const life of lives.filter(({ lives }) => lives)) await life.end();
  expect(chronicle.problems).toEqual([]);
  const left = async () => [
    ...(await leftInApis(admin)),
    ...(await leftOnHost(layout, guestUid)),
    ...(await leftInOvn(layout, admin)),
  ];
  // what a host that was away could not be told is found by two rounds of the loop
  await until('nothing is left', 180, async () => (await left()).length === 0).catch(async () => {
    expect(await left()).toEqual([]);
  });
  expect(await cloud.stratalith('audit')).toMatchObject({ code: 0, stdout: 'Everything has an owner.\n' });
  passed = true;
}, 600_000);

const passwordIn = (file: string): string => readFileSync(file, 'utf8').trim();

const logIn = (user: string, project: string, file: string): Promise<CloudClient> =>
  CloudClient.login({ authUrl, user, project, password: passwordIn(file) });

/** Whether the guest of a server runs just when the server says so. */
async function agree(life: Life): Promise<boolean> {
  const { status } = await life.look();
  const running = (await findProcesses(join(layout.agent, 'guests'), guestUid)).get(life.id)?.length ?? 0;
  if (['ACTIVE', 'PAUSED'].includes(status)) return running === 1;
  // a guest that dies in these stays off until the user decides
  if (['RESCUE', 'VERIFY_RESIZE', 'ERROR'].includes(status)) return running <= 1;
  return running === 0;
}

/** What a person does who finds the supervisor dead; also when another does the same just now. */
const bringUp = (): Promise<unknown> =>
  until('up', 120, async () => {
    const { code, stdout, stderr } = await cloud.stratalith('up');
    if (code !== 0) chronicle.note('up', (stdout + stderr).trim().split('\n').slice(-3).join(' '));
    return code === 0;
  });

/** Waits until a server answers at its floating address, if it has one. */
async function reach({ api, id, home: { address } }: Life): Promise<void> {
  if (address === '') return;
  await until(`${id} answers at ${address}`, 120, async () => {
    const { code } = await run('ping', ['-c', '1', '-W', '2', address]);
    return code === 0;
  }).catch(async (error: unknown) => {
    const body = { 'os-getConsoleOutput': { length: 40 } };
    const said = await api.change('POST', 'compute', `/servers/${id}/action`, body, async () => undefined);
    chronicle.note(id, said.output);
    throw error;
  });
}

/** Keeps what helps to find out why it failed. */
function keepLogs(): void {
  const kept = join(tmpdir(), `stratalith-chaos-${seed}`);
  cpSync(layout.log, join(kept, 'log'), { recursive: true });
  writeFileSync(join(kept, 'story.txt'), `${chronicle.story}\n`);
  process.stderr.write(`chaos: the story and the logs are in ${kept}\n`);
}
