import { createInterface } from 'node:readline';

import { CommanderError } from 'commander';

import { isDatabaseFull } from '#kit/db/errors.ts';
import { isDiskFull } from '#kit/files/disk-full.ts';

/** A failure the user can do something about: shown without a stack. */
export class UserError extends Error {
  /** What to do, a line each. */
  readonly hints: readonly string[];
  constructor(message: string, ...hints: string[]) {
    super(message);
    this.hints = hints;
  }
}

/** Prints what went wrong; answers the exit code. */
export function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UserError) {
    process.stderr.write(`${paint('31', 'stratalith:')} ${error.message}\n`);
    for (const hint of error.hints) process.stderr.write(`  ${hint}\n`);
    return 1;
  }
  if (isDiskFull(error) || isDatabaseFull(error)) {
    const { path } = error as NodeJS.ErrnoException;
    process.stderr.write(
      `${paint('31', 'stratalith:')} the disk is full${path === undefined ? '' : `: ${path} could not be written`}\n`,
    );
    process.stderr.write('  make room, and run it again\n');
    return 1;
  }
  if (isSystemError(error)) {
    process.stderr.write(`${paint('31', 'stratalith:')} ${error.message.replace(/^E[A-Z0-9]+: /, '')}\n`);
    return 1;
  }
  process.stderr.write(`stratalith: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  return 1;
}

/** Whether the operating system refused something to do with a file: its words and the path say enough. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'path' in error;

/** Colour where somebody looks, none where a program or a file does. */
export const paint = (code: string, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\u001B[${code}m${text}\u001B[0m` : text;

/** For what is to be found at a glance: headings and names. */
export const bold = (text: string): string => paint('1', text);
/** For what may be overlooked: durations and explanations. */
export const dim = (text: string): string => paint('2', text);

/** Prints a line. */
export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Says what is being done meanwhile. */
export type Note = (text: string) => void;

/**
 * Runs one step and prints what it took. On a terminal the line moves while it runs; piped, a line is printed at the
 * end, and one at the start of a step that takes longer than three seconds. `work` answers what came of it, if anything.
 */
export async function step(title: string, work: (note: Note) => Promise<string | void>): Promise<void> {
  const started = performance.now();
  const line = process.stdout.isTTY ? movingLine(title, started) : plainLine(title);
  try {
    const result = await work(line.note);
    line.end();
    const took = dim(`(${seconds(performance.now() - started)})`);
    say(`${paint('32', '✓')} ${title}${result ? `: ${result}` : ''} ${took}`);
  } catch (error) {
    line.end();
    say(`${paint('31', '✗')} ${title} ${dim(`(${seconds(performance.now() - started)})`)}`);
    throw error;
  }
}

function movingLine(title: string, started: number): { note: Note; end: () => void } {
  let frame = 0;
  let noted = '';
  const clear = '\r\u001B[2K';
  const timer = setInterval(() => {
    const took = dim(`${noted ? `${noted}, ` : ''}${seconds(performance.now() - started)}`);
    process.stdout.write(`${clear}${paint('36', spinner[frame++ % spinner.length]!)} ${title} ${took}`);
  }, 80);
  return {
    note: (text) => void (noted = text),
    end: () => {
      clearInterval(timer);
      process.stdout.write(clear);
    },
  };
}

function plainLine(title: string): { note: Note; end: () => void } {
  const timer = setTimeout(() => say(`… ${title}`), 3000);
  return { note: () => {}, end: () => clearTimeout(timer) };
}

/** Asks a yes-or-no question; an empty answer is `standard`. Without a terminal nobody can answer: throws. */
export async function confirm(question: string, standard: 'yes' | 'no'): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UserError(question, 'not a terminal: say --yes to agree');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  prompt.setPrompt(`${question} ${standard === 'yes' ? '[Y/n]' : '[y/N]'} `);
  prompt.prompt();
  const answer = await new Promise<string | undefined>((resolve) => {
    // Ctrl-C and Ctrl-D close it
    prompt.once('line', resolve).once('close', () => resolve(undefined));
  });
  prompt.close();
  if (answer === undefined) say();
  return /^y(es)?$/i.test(answer === undefined ? 'no' : answer.trim() || standard);
}
