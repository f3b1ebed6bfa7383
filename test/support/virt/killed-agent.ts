/** An agent's driver in a process of its own, to be killed in the middle of one operation. Run with node; see {@link killInTheMiddle}. */
import childProcess, { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { GuestSpec } from '#contracts/guest.ts';
import type { ImageFiles, Plug, VirtDriver } from '#drivers/virt/driver.ts';

/** An operation that can be repeated, as control repeats it after an agent's death. */
export type Operation = (
  driver: VirtDriver,
  spec: GuestSpec,
  images: ImageFiles,
  plugs: readonly Plug[],
) => Promise<unknown>;

/** What can be interrupted, by name. `attach` adds the spec's last interface; a snapshot has the project's id. */
export const operations = {
  create: (driver, spec, images, plugs) => driver.create(spec, images, plugs),
  start: (driver, spec, images, plugs) => driver.start(spec, images, plugs),
  stop: (driver, { id }) => driver.stop(id, 0),
  suspend: (driver, { id }) => driver.suspend(id),
  resume: (driver, spec, _, plugs) => driver.resume(spec, plugs),
  rebuild: (driver, spec, images) => driver.rebuild(spec, images),
  resize: (driver, spec) => driver.resize(spec),
  revertResize: (driver, spec) => driver.revertResize(spec),
  snapshot: (driver, { id, projectId }) => driver.snapshot(id, projectId),
  attach: (driver, { id, interfaces }, _, plugs) =>
    driver.attachInterface(id, interfaces.at(-1)!, plugs.at(-1)!, 'virtio'),
  destroy: (driver, { id }) => driver.destroy(id),
} satisfies Record<string, Operation>;

interface Task {
  readonly directory: string;
  readonly image: { path: string; format: string; virtualSize: number };
  readonly operation: keyof typeof operations;
  readonly spec: GuestSpec;
  readonly plugs: readonly Plug[];
  readonly diesSpawning?: boolean;
}

/**
 * Runs an operation in another process and kills that process `afterMs` into it. Answers whether it was still at it, and how
 * long it took.
 */
export async function killInTheMiddle(
  task: Task,
  afterMs: number,
): Promise<{ cut: boolean; tookMs: number }> {
  const child = start(task);
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = once(child, 'exit');
  while (!said.includes('ready')) await once(child.stdout!, 'data');
  const started = performance.now();
  child.stdin!.write('go');
  const done = async () => {
    while (!said.includes('done')) await once(child.stdout!, 'data');
  };
  await Promise.race([sleep(afterMs), done(), exit]);
  const tookMs = performance.now() - started;
  child.kill('SIGKILL');
  await exit;
  return { cut: !said.includes('done'), tookMs };
}

/** Runs an operation in another process, which is killed at the moment it has a QEMU started; answers how it ended. */
export async function dieSpawning(task: Task): Promise<NodeJS.Signals | null> {
  const child = start({ ...task, diesSpawning: true });
  child.stdin!.write('go');
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

const start = (task: Task): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });

/** From now on this process is killed once a QEMU was spawned, before another line of ours runs. */
function dieOnceSpawned(): void {
  const real = childProcess.spawn;
  childProcess.spawn = ((program: string, args: readonly string[], options: object) => {
    const child = real(program, args, options);
    if (args.includes('-pidfile')) process.kill(process.pid, 'SIGKILL');
    return child;
  }) as typeof spawn;
  syncBuiltinESMExports();
}

async function main({ directory, image, operation, spec, plugs, diesSpawning }: Task): Promise<void> {
  if (diesSpawning) dieOnceSpawned();
  const { QemuDriver } = await import('#drivers/virt/qemu/driver.ts');
  const { findGuestUser } = await import('#drivers/virt/qemu/guest-user.ts');
  const { defaultQemuOptions } = await import('#drivers/virt/qemu/options.ts');
  const { silentLog } = await import('#kit/log/log.ts');
  const options = { ...defaultQemuOptions, acceleration: 'tcg' } as const;
  const driver = await QemuDriver.open({ directory, guestUser: findGuestUser(), options, log: silentLog() });
  await driver.adopt();
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  await operations[operation](driver, spec, { ensure: async () => image }, plugs);
  process.stdout.write('done\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(JSON.parse(process.argv[2]!) as Task);
