import { memoryOf } from '#kit/process/proc.ts';
import { type ChildState, readState } from '#kit/process/supervisor.ts';

import { dataDirectory, type GlobalOptions, readReady, supervisorOf } from '../machine/context.ts';
import { bold, say } from '../output.ts';

/** Prints what runs. Exit code 0 when the cloud is up, 1 when it is not. */
export async function run(options: GlobalOptions): Promise<void> {
  const layout = dataDirectory(options);
  const supervisor = supervisorOf(layout);
  const ready = readReady(layout);
  if (!supervisor || !ready) {
    say(`The cloud in ${layout.data} is ${supervisor ? 'starting' : 'down'}.`);
    process.exitCode = 1;
    return;
  }
  say(bold(`Stratalith ${ready.version} is up in ${layout.data}`));
  const processes: Pick<ChildState, 'name' | 'id' | 'state' | 'restarts'>[] = [
    { name: 'supervisor', id: supervisor, state: 'running', restarts: 0 },
    ...readState(layout.processes),
  ];
  for (const { name, id, state, restarts } of processes) {
    const memory = id && memoryOf(id.pid);
    const megabytes = memory ? `${Math.round((memory.pss ?? memory.rss) / 1e6)} MB` : '-';
    say(`  ${name.padEnd(20)} ${state.padEnd(8)} pid ${id?.pid ?? '-'}  ${megabytes}  restarts ${restarts}`);
  }
}
