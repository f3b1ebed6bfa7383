import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Layout, layoutOf, standardPorts } from '#contracts/machine.ts';

import { freePorts } from './free-ports.ts';

const script = join(import.meta.dirname, '..', '..', 'stratalith');

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A cloud of simulated guests in a directory and on ports of its own, driven through the command line as a user would. */
export interface SimCloud {
  readonly layout: Layout;
  readonly ports: Readonly<Record<keyof typeof standardPorts, number>>;
  /** Runs `./stratalith` with these arguments and the cloud's `--data`. */
  run(...args: string[]): Promise<Ended>;
  /** Stops whatever runs and removes the directory. */
  remove(): Promise<void>;
}

/** `parent` is where its directory is made. */
export async function newSimCloud(parent = tmpdir()): Promise<SimCloud> {
  const data = mkdtempSync(join(parent, 'stratalith-sim-'));
  const names = Object.keys(standardPorts) as (keyof typeof standardPorts)[];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, i) => [name, free[i]!])) as SimCloud['ports'];
  const lines = names.map((name) => `${name} = ${ports[name]}`);
  writeFileSync(join(data, 'stratalith.toml'), ['[ports]', ...lines, ''].join('\n'));
  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(script, [...args, '--data', data], (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 255) : 0, output: stdout + stderr }),
      );
    });
  return {
    layout: layoutOf(data),
    ports,
    run,
    async remove() {
      await run('down');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
