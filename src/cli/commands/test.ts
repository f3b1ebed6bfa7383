import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

/** What of the tests of a real cloud's survival takes little time and no guests; `npm run test:chaos` runs all of them. */
const survival = ['takeover', 'network-engine'].map((name) => `test/faults/cloud/${name}.test.ts`);

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
  {
    title: 'survival of a real cloud',
    argv: ['vitest', 'run', ...survival],
    projects: ['cloud-faults'],
    network: true,
  },
];

/** How many tests that did not pass are named in the results of a stage, and how many lines of each one's reasons. */
const namedAtMost = 20;
const linesAtMost = 12;

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
  const counts = { passed: 0, failed: 0, skipped: 0 };
  ip('netns', 'add', namespace);
  try {
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const stage of stages) {
      say(bold(`\n── ${stage.title}`));
      const started = performance.now();
      const { problem, tests } = await runStage(stage, { namespace, scratch, root: parts.root });
      for (const { status } of tests)
        counts[status === 'passed' || status === 'failed' ? status : 'skipped']++;
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
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}

interface Place {
  readonly namespace: string;
  /** Absolute path of a directory for what tools leave behind. */
  readonly scratch: string;
  readonly root: string;
}

/** A test, and what became of it: `passed`, `failed`, or a word for not having been run. */
interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

interface Outcome {
  /** What was wrong; undefined when nothing was. */
  readonly problem: string | undefined;
  readonly tests: readonly TestResult[];
}

async function runStage(stage: Stage, place: Place): Promise<Outcome> {
  const report = join(place.scratch, 'report.json');
  rmSync(report, { force: true });
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
  const tests = vitest ? testsIn(report) : [];
  return { problem: problemOf(code, tests, vitest !== undefined), tests };
}

/** The tests of a report; none when there is no report. */
function testsIn(report: string): readonly TestResult[] {
  if (!existsSync(report)) return [];
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: TestResult[] }[];
  };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

/** A test that was left out is not a passed one. */
function problemOf(code: number | null, tests: readonly TestResult[], expected: boolean): string | undefined {
  const named = tests.filter(({ status }) => status !== 'passed').map(described);
  if (code !== 0) return [`exit code ${code}`, ...named.slice(0, namedAtMost)].join('\n    ');
  if (expected && tests.length === 0) return 'there was no test';
  return named.length === 0 ? undefined : named.slice(0, namedAtMost).join('\n    ');
}

/** With the reasons: of a run elsewhere the results are often all there is to read. */
function described({ status, fullName, failureMessages = [] }: TestResult): string {
  const reasons = failureMessages.flatMap((message) => message.split('\n')).slice(0, linesAtMost);
  return [`${status}: ${fullName}`, ...reasons.map((line) => `    ${line}`)].join('\n    ');
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new UserError(`ip ${args.join(' ')}: ${stderr.trim()}`);
}
