/** A supervisor in a process of its own, for tests that kill it: `node supervise.ts DIRECTORY CHILDREN-AS-JSON`. */
import { join } from 'node:path';

import { silentLog } from '#kit/log/log.ts';
import { tryLock } from '#kit/process/lock.ts';
import { type ChildSpec, Supervisor } from '#kit/process/supervisor.ts';

const [directory = '', children = '[]'] = process.argv.slice(2);
const lock = tryLock(join(directory, 'lock'));
if (!lock) throw new Error('another supervisor is in charge');
const supervisor = new Supervisor({
  children: (JSON.parse(children) as { name: string; argv: string[] }[]).map(({ name, argv }): ChildSpec => ({
    name,
    argv,
    env: {},
    log: join(directory, `${name}.log`),
  })),
  stateFile: join(directory, 'state.json'),
  log: silentLog(),
  inCharge: () => lock.valid,
  onDismissed: () => process.exit(3),
});
await supervisor.start();
process.on('SIGTERM', () => void supervisor.stop().then(() => process.exit(0)));
process.stdout.write('started\n');
