/** The one process of `up --sim`: control, and the agents of simulated hosts beside it on the same bus. */
import { SimFabric } from '#drivers/net/sim/fabric.ts';
import { UnixBusHub } from '#kit/bus/unix.ts';

import { startSimAgents } from '../agents.ts';
import { runControl } from '../run-control.ts';
import { readStart, runProcess } from './start.ts';

const start = readStart('sim');
await runProcess(start.log, async () => {
  const bus = await UnixBusHub.listen(start.layout.bus);
  const fabric = new SimFabric();
  const control = await runControl(start, bus, fabric);
  const agents = await startSimAgents(start, bus, fabric);
  return async () => {
    for (const agent of agents) await agent.stop();
    await control.stop();
    await bus.close();
  };
});
