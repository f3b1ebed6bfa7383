/** The control process: every API of the cloud. Runs without root; the only process with the database. */
import { UnixBusHub } from '#kit/bus/unix.ts';

import { runControl } from '../run-control.ts';
import { readStart, runProcess } from './start.ts';

const start = readStart('control');
await runProcess(start.log, async () => {
  const bus = await UnixBusHub.listen(start.layout.bus);
  const control = await runControl(start, bus);
  return async () => {
    await control.stop();
    await bus.close();
  };
});
