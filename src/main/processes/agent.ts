/** The agent process: this host's guests, switch ports and disks. Runs as root; has no database. */
import { UnixBus } from '#kit/bus/unix.ts';

import { startHostAgent } from '../agents.ts';
import { readStart, runProcess } from './start.ts';

const start = readStart('agent');
await runProcess(start.log, async () => {
  const bus = await UnixBus.connect(start.layout.bus);
  const agent = await startHostAgent(start, bus);
  return async () => {
    await agent.stop();
    await bus.close();
  };
});
