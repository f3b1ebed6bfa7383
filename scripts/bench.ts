/**
 * `npm run bench`: starts a cloud of simulated guests of its own and prints what requests cost it.
 *
 *   --only SERVICE[,SERVICE]   measure these services only
 *   --seconds N                how long each point is measured (default 3)
 *   --runs N                   how often, the median counts (default 3)
 *   --external PATH            run this program against the cloud instead; it is given --auth-url, --user, --password,
 *                              --project and, where there is one, --server-cgroup, and whatever follows `--`
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { startCloud } from './bench/cloud.ts';
import { Bench, heading } from './bench/measure.ts';
import { points } from './bench/points.ts';

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '3' },
    external: { type: 'string' },
  },
  allowPositionals: true,
});

const cloud = await startCloud();
try {
  console.log(`processors: ${cpus().length} × ${cpus()[0]?.model}; CPU from ${cloud.cpu.how}`);
  console.log(`first start ${cloud.starts.cold.toFixed(1)} s, second ${cloud.starts.warm.toFixed(1)} s`);
  console.log(`memory after the start: ${cloud.memory().toFixed(0)} MB\n`);
  if (values.external) runExternal(values.external);
  else await runOwn();
  console.log(`\nmemory at the end: ${cloud.memory().toFixed(0)} MB`);
} finally {
  cloud.stop();
}

async function runOwn(): Promise<void> {
  const wanted = values.only?.split(',') ?? Object.keys(points);
  const bench = new Bench(cloud.cpu, { seconds: Number(values.seconds), runs: Number(values.runs) });
  console.log(heading);
  for (const [service, measure] of Object.entries(points))
    if (wanted.includes(service)) await measure(cloud, bench);
  if (bench.rows.some(({ failed }) => failed > 0)) process.exitCode = 1;
}

function runExternal(program: string): void {
  const { group } = cloud.cpu;
  const where = ['--auth-url', cloud.authUrl, '--user', 'admin', '--password', cloud.password];
  const measured = group ? ['--server-cgroup', group] : [];
  const args = [...where, '--project', 'admin', ...measured, ...positionals];
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
