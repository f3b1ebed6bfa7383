import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

import { type Layout, layoutOf, type Settings } from '#contracts/machine.ts';
import { type Logger, openLog } from '#kit/log/log.ts';
import { IdleMemory, ownMemory } from '#kit/process/idle-memory.ts';

import type { StratalithConfig } from '../config.ts';

/** What every process of ours starts from: `--data DIR`, and the settings `up` left there. */
export interface Start {
  readonly layout: Layout;
  readonly settings: Settings<StratalithConfig>;
  readonly log: Logger;
}

/**
 * Reads what the process `name` starts from. Throws without `--data`, or when `up` left no settings there.
 */
export function readStart(name: string): Start {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  if (!values.data) throw new Error(`${name} needs --data DIR`);
  const layout = layoutOf(values.data);
  const settings = JSON.parse(readFileSync(layout.settings, 'utf8')) as Settings<StratalithConfig>;
  return { layout, settings, log: openLog({ name, level: settings.config.log.level }) };
}

/**
 * Runs a process: `begin` starts it and answers how to stop it. SIGTERM and SIGINT stop it gracefully, a second one at
 * once. What V8 compiled is kept on disk for the next start, also should this process be killed.
 */
export async function runProcess(log: Logger, begin: () => Promise<() => Promise<void>>): Promise<void> {
  // waiting for another process to appear must not look like having nothing left to do
  setInterval(() => {}, 1 << 30);
  let stop: (() => Promise<void>) | undefined;
  let stopping = false;
  const end = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    try {
      await stop?.();
    } catch (error) {
      log.error({ err: error }, 'stopping failed');
    }
    log.flush(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal));
  try {
    stop = await begin();
  } catch (error) {
    log.fatal({ err: error }, `could not start: ${(error as Error).message}`);
    log.flush(() => process.exit(1));
    return;
  }
  log.info({ ms: Math.round(performance.now()) }, 'up');
  const memory = ownMemory();
  if (memory) new IdleMemory({ ...memory, collect: () => settle(memory.collect) }).start();
}

/** What stops everything for a while is done when there is nothing to do; after the first start both take nearly a second. */
function settle(collect: () => void): void {
  collect();
  flushCompileCache();
}
