import { accessSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { callControl } from '#contracts/agent.ts';
import { UnixBus } from '#kit/bus/unix.ts';

import { dataDirectory, type GlobalOptions, supervisorOf } from '../machine/context.ts';
import { say, UserError } from '../output.ts';

const timeoutMs = 60_000;
const connectMs = 10_000;
/** How long what is being done at the moment is given to be over. */
const secondLookMs = 3000;

/** Prints everything that has no owner. Exit code 1 when there is something. */
export async function run(options: GlobalOptions): Promise<void> {
  const layout = dataDirectory(options);
  if (!supervisorOf(layout)) throw new UserError(`the cloud in ${layout.data} is down`, 'stratalith up');
  const bus = await connect(layout.bus);
  try {
    const look = async () => [
      ...(await callControl(bus, 'compute.audit', {}, { timeoutMs })),
      ...(await callControl(bus, 'network.audit', {}, { timeoutMs })),
    ];
    let findings = await look();
    if (findings.length > 0) {
      await sleep(secondLookMs);
      const again = new Set(await look());
      findings = findings.filter((finding) => again.has(finding));
    }
    for (const finding of findings) say(finding);
    say(findings.length === 0 ? 'Everything has an owner.' : `${findings.length} without an owner.`);
    if (findings.length > 0) process.exitCode = 1;
  } finally {
    await bus.close();
  }
}

/** Connects to the bus; throws when we may not, or control does not answer. */
async function connect(socket: string): Promise<UnixBus> {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new UserError(
      denied ? `${socket} belongs to somebody else` : 'control is not up',
      denied ? 'run it as whoever ran `stratalith up`' : 'stratalith status',
    );
  }
  const connected = new AbortController();
  const late = sleep(connectMs, undefined, { signal: connected.signal }).then(() => {
    throw new UserError('control does not answer', 'stratalith logs control');
  });
  late.catch(() => {});
  try {
    return await Promise.race([UnixBus.connect(socket), late]);
  } finally {
    connected.abort();
  }
}
