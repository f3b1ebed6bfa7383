/** The supervisor process: keeps every other process of the cloud on this machine running. Started by `up`, ended by `down`. */
import { tryLock } from '#kit/process/lock.ts';
import { Supervisor } from '#kit/process/supervisor.ts';

import { childrenOf } from '../children.ts';
import { readStart, runProcess } from './start.ts';

const start = readStart('supervisor');
await runProcess(start.log, async () => {
  const lock = tryLock(start.layout.supervisorLock);
  if (!lock) throw new Error('another supervisor looks after this data directory');
  const supervisor = new Supervisor({
    children: await childrenOf(start),
    stateFile: start.layout.processes,
    log: start.log,
    inCharge: () => lock.valid,
    onDismissed: () => start.log.flush(() => process.exit(1)),
  });
  const started = supervisor.start();
  return async () => {
    await supervisor.stop();
    await started;
    lock.release();
  };
});
