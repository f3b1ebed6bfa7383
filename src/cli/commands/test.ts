import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type GlobalOptions, isRoot } from '../machine/context.ts';
import { imagePackages, installPackages, runtimePackages, testPackages } from '../machine/packages.ts';
import { bold, paint, say, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

interface TestOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/** A part of the tests, run by a program of its own. */
interface Stage {
  readonly title: string;
  readonly argv: readonly string[];
  /** Whether it makes interfaces, guests or listeners: then it runs in a network namespace that is thrown away. */
  readonly network?: true;
  /** Names of vitest's projects: their results are read, since a skipped test is not a passed one. */
  readonly projects?: readonly string[];
}

const stages: readonly Stage[] = [
  { title: 'types', argv: ['tsc'] },
  { title: 'lint', argv: ['oxlint', '--type-aware', 'src', 'test', 'scripts'] },
  { title: 'format', argv: ['oxfmt', '--check', 'src', 'test', 'scripts'] },
  { title: 'dead code', argv: ['knip'] },
  { title: 'generated pages', argv: ['npm', 'run', '--silent', 'docs:check'] },
  { title: 'unit tests', argv: ['vitest', 'run'], projects: ['unit'] },
  { title: 'api and authorization tests', argv: ['vitest', 'run'], projects: ['api'] },
  { title: 'drivers of guests', argv: ['vitest', 'run'], projects: ['guests'], network: true },
  { title: 'faults', argv: ['vitest', 'run'], projects: ['faults'], network: true },
  { title: 'a real guest', argv: ['vitest', 'run'], projects: ['e2e'], network: true },
];

/** Runs every test there is, a real guest included, after installing what they need. Exit code 1 when one failed or was skipped. */
export async function run(options: TestOptions, parts: ProgramParts): Promise<void> {
  if (!isRoot())
    throw new UserError(
      'guests and their networks need root',
      'run all of it with sudo, or what needs no rights: npm test',
    );
  const packages = { ...runtimePackages, ...imagePackages(parts.root), ...testPackages };
  await installPackages(packages, options.yes === true);
  const namespace = `stratalith-test-${process.pid}`;
  const scratch = mkdtempSync(join(tmpdir(), 'stratalith-test-'));
  const results: string[] = [];
  ip('netns', 'add', namespace);
  try {
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const stage of stages) {
      say(bold(`\n── ${stage.title}`));
      const started = performance.now();
      const problem = await runStage(stage, { namespace, scratch, root: parts.root });
      const took = `${((performance.now() - started) / 1000).toFixed(0)} s`;
      results.push(
        `${problem ? paint('31', '✗') : paint('32', '✓')} ${stage.title} (${took})${problem ? `: ${problem}` : ''}`,
      );
      if (problem) process.exitCode = 1;
    }
  } finally {
    ip('netns', 'delete', namespace);
    rmSync(scratch, { recursive: true });
  }
  say(bold('\n── results'));
  for (const line of results) say(line);
}

interface Place {
  readonly namespace: string;
  /** Absolute path of a directory for what tools leave behind. */
  readonly scratch: string;
  readonly root: string;
}

/** Runs a stage; what was wrong, or undefined. */
async function runStage(stage: Stage, place: Place): Promise<string | undefined> {
  const report = join(place.scratch, 'report.json');
  const vitest = stage.projects && [
    ...stage.projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const inside = stage.network ? ['ip', 'netns', 'exec', place.namespace] : [];
  const [program = '', ...args] = [...inside, ...stage.argv, ...(vitest ?? [])];
  const child = spawn(program, args, {
    cwd: place.root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${join(place.root, 'node_modules', '.bin')}:${process.env.PATH}` },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) return `exit code ${code}`;
  return vitest ? notRun(report) : undefined;
}

interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The tests that were left out, which must not count as passed. */
function notRun(file: string): string | undefined {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  if (report.numTotalTests === 0) return 'there was no test';
  const left = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed');
  return left.length === 0 ? undefined : `not run: ${left.map(({ fullName }) => fullName).join('; ')}`;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new UserError(`ip ${args.join(' ')}: ${stderr.trim()}`);
}
