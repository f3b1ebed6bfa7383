/**
 * `npm run bench`: starts a cloud of simulated guests of its own and prints what requests cost it, beside what they cost the
 * peer (scripts/bench/peer.ts). What the columns mean: docs/performance.md.
 *
 *   --only NAME[,NAME]         measure these only: identity, placement, image, network, compute
 *   --seconds N                how long each point is measured (default 3)
 *   --runs N                   how often (default 3)
 *   --real                     real guests instead, from the call to ACTIVE; as root, in a network namespace of your own
 *   --external PATH            run this program against the cloud instead; it is given --auth-url, --user, --password,
 *                              --project and, where there is one, --server-cgroup, and whatever follows `--`
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { type BenchCloud, startCloud } from './bench/cloud.ts';
import { Bench, median } from './bench/measure.ts';
import { peerMemory } from './bench/peer.ts';
import { points } from './bench/points.ts';

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '3' },
    real: { type: 'boolean', default: false },
    external: { type: 'string' },
  },
  allowPositionals: true,
});
const kind = values.real ? 'real' : 'sim';
const settleMs = 45_000;
const idleMs = 30_000;

const cloud = await startCloud(kind);
try {
  console.log(`processors: ${cpus().length} × ${cpus()[0]?.model}; CPU from ${cloud.cpu.how}`);
  if (values.external) runExternal(values.external);
  else await runOwn();
} finally {
  await cloud.stop();
}

async function runOwn(): Promise<void> {
  const wanted = values.only?.split(',');
  const bench = new Bench(cloud.cpu, { seconds: Number(values.seconds), runs: Number(values.runs) });
  const { cold, warm } = cloud.starts;
  const answering = warm.map((start) => start.answering);
  bench.times('start: cold, until every API answers', [cold.answering], cold.cpu);
  bench.times('start: warm, until every API answers', answering, median(warm.map(({ cpu }) => cpu)));
  bench.times('start: warm, the best', [Math.min(...answering)]);
  const idle = await idleShare(cloud);
  const before = memoryText(cloud);
  for (const [name, measure] of Object.entries(points[kind]))
    if (!wanted || wanted.includes(name)) await measure(cloud, bench);
  console.log(`\nidle: ${(idle * 100).toFixed(2)} % of a core`);
  console.log(`memory after the start: ${before} (the peer: ${peerMemory.fresh} MB)`);
  console.log(`memory at the end: ${memoryText(cloud)} (the peer: ${peerMemory.used} MB)`);
  if (bench.rows.some(({ failed }) => failed > 0)) process.exitCode = 1;
}

/** CPU time per time while nobody asks for anything, once what follows a start is over. */
async function idleShare({ cpu }: BenchCloud): Promise<number> {
  await sleep(settleMs);
  const before = cpu.read();
  await sleep(idleMs);
  return (cpu.read() - before) / idleMs;
}

function memoryText({ memory }: BenchCloud): string {
  const { own, engine } = memory();
  const beside = engine > 0 ? ` and the network engine's ${engine.toFixed(0)} MB` : '';
  return `our processes ${own.toFixed(0)} MB${beside}`;
}

function runExternal(program: string): void {
  const { group } = cloud.cpu;
  const where = ['--auth-url', cloud.authUrl, '--user', 'admin', '--password', cloud.password];
  const measured = group ? ['--server-cgroup', group] : [];
  const args = [...where, '--project', 'admin', ...measured, ...positionals];
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
