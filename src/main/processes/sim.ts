/** The one process of `up --sim`: control, and the agents of simulated hosts beside it on the same bus. */
import { UnixBusHub } from '#kit/bus/unix.ts';

import { runControl } from '../run-control.ts';
import { readStart, runProcess } from './start.ts';

const start = readStart('sim');
await runProcess(start.log, async () => {
  const bus = await UnixBusHub.listen(start.layout.bus);
  const control = await runControl(start, bus);
  return async () => {
    await control.stop();
    await bus.close();
  };
});
