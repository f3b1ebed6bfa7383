import { join } from 'node:path';

import { isSimulated, type Layout } from '#contracts/machine.ts';
import type { ChildSpec } from '#kit/process/supervisor.ts';

import { nodeEnvironment, nodeFlags } from './node-process.ts';
import type { Start } from './processes/start.ts';
import { withinReach } from './reach.ts';
import { programRoot } from './version.ts';

/** The processes of a cloud on this machine, in the order they start. */
export async function childrenOf(start: Start): Promise<ChildSpec[]> {
  const { layout, settings } = start;
  const { config, account } = settings;
  if (isSimulated(config)) return [nodeProcess('sim', layout, account)];
  const { prepareEngine } = await import('./engine.ts');
  return [
    ...(await prepareEngine(start)),
    nodeProcess('control', layout, account),
    nodeProcess('agent', layout, null),
  ];
}

/** One of our own processes. */
function nodeProcess(
  name: 'control' | 'agent' | 'sim',
  layout: Layout,
  account: { uid: number; gid: number } | null,
): ChildSpec {
  const home = name === 'agent' ? layout.agent : layout.control;
  const entry = join(programRoot, 'src', 'main', 'processes', `${name}.ts`);
  return {
    name,
    ...withinReach([process.execPath, ...nodeFlags, entry, '--data', layout.data], account, layout),
    env: nodeEnvironment(home),
    log: join(layout.log, `${name}.log`),
    stopTimeoutMs: 40_000,
  };
}
