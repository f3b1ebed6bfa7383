import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { silentLog } from '../log/log.ts';
import { isAlive, processId } from './proc.ts';
import { type ChildSpec, type ChildState, launch, readState, stopAll, Supervisor } from './supervisor.ts';

let directory: string;
let stateFile: string;
const supervisors: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stratalith-supervisor-'));
  stateFile = join(directory, 'state.json');
});
afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) supervisor.kill('SIGKILL');
  await stopAll(stateFile);
  rmSync(directory, { recursive: true });
});

const sleeper = (name: string) => ({ name, argv: ['/bin/sleep', '600'] });
const spec = (name: string, argv: string[], more: Partial<ChildSpec> = {}): ChildSpec => ({
  name,
  argv,
  env: { PATH: '/usr/bin:/bin' },
  log: join(directory, `${name}.log`),
  ...more,
});
const supervise = (...children: ChildSpec[]) => new Supervisor({ children, stateFile, log: silentLog() });
const child = (name: string): ChildState => readState(stateFile).find((c) => c.name === name)!;

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 500) throw new Error(`never: ${what}`);
    await sleep(20);
  }
}

/** A supervisor that can be killed, since it is a process of its own. */
async function supervisorProcess(...children: { name: string; argv: string[] }[]): Promise<ChildProcess> {
  const script = join(import.meta.dirname, '../../../test/support/supervise.ts');
  const started = spawn(process.execPath, [script, directory, JSON.stringify(children)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  supervisors.push(started);
  await once(started.stdout!, 'data');
  return started;
}

test('starts in order, stops in the opposite one, and appends output to the log', async () => {
  const note = (text: string) => `echo ${text} >> ${directory}/notes`;
  const noting = (name: string) =>
    spec(
      name,
      [
        '/bin/sh',
        '-c',
        `${note(`${name} up`)}; trap '${note(`${name} down`)}; exit' TERM; while :; do sleep 0.02; done`,
      ],
      {
        ready: () =>
          existsSync(`${directory}/notes`) &&
          readFileSync(`${directory}/notes`, 'utf8').includes(`${name} up`),
      },
    );
  const supervisor = supervise(
    noting('a'),
    noting('b'),
    spec('c', ['/bin/sh', '-c', 'echo said; exec sleep 600']),
  );
  await supervisor.start();
  expect(supervisor.state.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  await until(() => readFileSync(join(directory, 'c.log'), 'utf8') === 'said\n');
  await supervisor.stop();
  expect(readFileSync(`${directory}/notes`, 'utf8').trim().split('\n')).toEqual([
    'a up',
    'b up',
    'b down',
    'a down',
  ]);
  expect(supervisor.state.map(({ id }) => id)).toEqual([null, null, null]);
});

test('a killed process is started again', async () => {
  const supervisor = supervise(spec('a', ['/bin/sleep', '600']));
  await supervisor.start();
  const before = child('a').id!;
  process.kill(before.pid, 'SIGKILL');
  await until(() => child('a').state === 'running' && child('a').id!.pid !== before.pid);
  expect(child('a')).toMatchObject({ restarts: 1, lastEnd: 'SIGKILL' });
  await supervisor.stop();
});

test('one that keeps failing is tried ever less often, and the rest starts all the same', async () => {
  const supervisor = supervise(
    spec('bad', ['/bin/sh', '-c', 'exit 3'], { ready: () => false, readyTimeoutMs: 600 }),
    spec('missing', ['/nowhere/to/be/found']),
    spec('good', ['/bin/sleep', '600']),
  );
  await supervisor.start();
  expect(child('good').state).toBe('running');
  expect(child('bad').lastEnd).toBe('exit 3');
  // 100 + 200 + 400 ms of waiting: no more than four starts fit
  expect(child('bad').restarts).toBeGreaterThanOrEqual(2);
  expect(child('bad').restarts).toBeLessThanOrEqual(4);
  expect(child('bad').failures).toBe(child('bad').restarts);
  await until(() => child('missing').lastEnd === 'exit 127');
  await supervisor.stop();
});

test('one that cannot even be started is tried ever less often as well', async () => {
  let tries = 0;
  const prepare = () => {
    tries++;
    throw new Error('nothing is ready for it');
  };
  const supervisor = supervise(spec('a', ['/bin/sleep', '600'], { prepare, readyTimeoutMs: 100 }));
  const begun = Date.now();
  await supervisor.start();
  await until(() => tries > 2);
  expect(child('a')).toMatchObject({ lastEnd: 'not started', failures: tries });
  // by which those who wait for it know that this is not an old story
  expect(child('a').since).toBeGreaterThanOrEqual(begun);
  await supervisor.stop();
});

test('what a killed supervisor left is taken over by the next, and watched', async () => {
  const first = await supervisorProcess(sleeper('a'), sleeper('b'));
  const a = child('a').id!;
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(isAlive(a)).toBe(true);
  const second = await supervisorProcess(sleeper('a'), sleeper('b'));
  expect(child('a').id).toEqual(a);
  process.kill(a.pid, 'SIGKILL');
  await until(() => child('a').state === 'running' && child('a').id!.pid !== a.pid);
  const b = child('b').id!;
  second.kill('SIGTERM');
  await once(second, 'exit');
  expect(isAlive(b)).toBe(false);
});

test('what a killed supervisor left can be ended without one', async () => {
  const supervisor = await supervisorProcess(sleeper('a'), sleeper('b'));
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
  const ids = readState(stateFile).map(({ id }) => id!);
  expect(await stopAll(stateFile)).toEqual(['a', 'b']);
  expect(ids.map(isAlive)).toEqual([false, false]);
});

test('one whose directory was removed ends what it runs, and leaves its successor alone', async () => {
  const dismissed = await supervisorProcess(sleeper('a'));
  const before = child('a').id!;
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  await supervisorProcess(sleeper('a'));
  const successors = child('a').id!;
  const [code] = await once(dismissed, 'exit');
  expect(code).toBe(3);
  expect([before, successors].map(isAlive)).toEqual([false, true]);
  expect(child('a')).toMatchObject({ id: successors, state: 'running' });
});

test('a process no longer wanted is ended when a supervisor takes over', async () => {
  const first = await supervisorProcess(sleeper('old'));
  const old = child('old').id!;
  first.kill('SIGKILL');
  await once(first, 'exit');
  await supervisorProcess(sleeper('new'));
  expect(isAlive(old)).toBe(false);
});

test('a pid that belongs to another process by now is neither taken over nor ended', async () => {
  const bystander = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
  const id = processId(bystander.pid!)!;
  const recycled = { ...id, started: String(Number(id.started) - 1) };
  const state: ChildState = {
    name: 'a',
    id: recycled,
    state: 'running',
    since: 0,
    restarts: 0,
    failures: 0,
    lastEnd: null,
    log: '',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 1000,
  };
  writeFileSync(stateFile, JSON.stringify([state]));
  expect(await stopAll(stateFile)).toEqual([]);
  const supervisor = supervise(spec('a', ['/bin/sleep', '600']));
  await supervisor.start();
  expect(child('a').id!.pid).not.toBe(id.pid);
  await supervisor.stop();
  expect(isAlive(id)).toBe(true);
  bystander.kill();
});

test('a process whose supervisor dies before its pid is on record never begins', async () => {
  const { child: gate } = launch(spec('a', ['/usr/bin/touch', `${directory}/began`]));
  // a dead supervisor's end of the pipe is closed by the kernel
  gate.stdin!.end();
  await once(gate, 'exit');
  expect(existsSync(`${directory}/began`)).toBe(false);
});

test('nothing begins that cannot be written down, and it is tried until it can', async () => {
  mkdirSync(`${stateFile}.new`);
  const supervisor = supervise(spec('a', ['/bin/sh', '-c', `touch ${directory}/began; exec sleep 600`]));
  const started = supervisor.start();
  await until(() => supervisor.state[0]!.restarts > 1);
  expect(existsSync(`${directory}/began`)).toBe(false);
  rmSync(`${stateFile}.new`, { recursive: true });
  await started;
  await until(() => existsSync(`${directory}/began`));
  expect(child('a').state).toBe('running');
  await supervisor.stop();
});

test('a log that has grown too long is set aside while its writer goes on', async () => {
  const supervisor = new Supervisor({
    children: [spec('a', ['/bin/sh', '-c', 'while :; do echo line; sleep 0.01; done'])],
    stateFile,
    log: silentLog(),
    maxLogBytes: 20,
    rotateEveryMs: 50,
  });
  await supervisor.start();
  await until(() => existsSync(join(directory, 'a.log.1')));
  await until(() => readFileSync(join(directory, 'a.log'), 'utf8').startsWith('line\n'));
  await supervisor.stop();
});
