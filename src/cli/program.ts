import { isIP } from 'node:net';
import { join } from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import type { GlobalOptions } from './machine/context.ts';
import { explain } from './output.ts';
import type { ProgramParts } from './parts.ts';

/** A command's file: loaded only when the command is run. */
type Run<Options> = (options: Options & GlobalOptions, parts: ProgramParts) => Promise<void>;

/** Parses the command line, runs one command and sets the exit code: 0 done, 1 not done, 2 misuse. */
export async function runProgram(parts: ProgramParts): Promise<void> {
  // whoever read our output has gone: what was begun is finished all the same
  process.stdout.on('error', () => {});
  try {
    await programOf(parts).parseAsync();
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function programOf(parts: ProgramParts): Command {
  const program = new Command('stratalith')
    .description('OpenStack in one program: a whole cloud on this machine.')
    .version(parts.version, '-V, --version')
    .showHelpAfterError('(try: stratalith --help)')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', examples)
    .exitOverride((error) => {
      throw error;
    });
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .addOption(
        new Option(
          '--data <dir>',
          'where the cloud lives (default: /var/lib/stratalith as root, else ~/.local/share/stratalith)',
        ),
      )
      .addOption(
        new Option(
          '--config <file>',
          'configuration file (default: stratalith.toml in the data directory, else /etc/stratalith/stratalith.toml)',
        ),
      );
  const run =
    <Options>(load: () => Promise<{ run: Run<Options> }>) =>
    async (...given: unknown[]) => {
      const command = given.at(-1) as Command;
      const { run: go } = await load();
      await go({ ...command.opts(), arguments: command.args } as Options & GlobalOptions, parts);
    };

  add('up', 'start the cloud, after preparing what is missing')
    .option('--sim', 'an API-only cloud: guests and networks are simulated; needs neither root nor packages')
    .option('--listen <address>', 'address every API listens on (default: 127.0.0.1)', toAddress)
    .option('-y, --yes', 'install missing packages without asking')
    .addHelpText('after', `\nOptions of the file: ${join(parts.root, 'docs', 'guides', 'configuration.md')}`)
    .action(run(() => import('./commands/up.ts')));
  add('down', 'stop the cloud; guests keep running')
    .option('--guests', 'shut the guests down, too')
    .action(run(() => import('./commands/down.ts')));
  add('status', 'show what runs: services, agents, guests, versions, addresses, memory').action(
    run(() => import('./commands/status.ts')),
  );
  add('logs', 'show what the processes log; -f follows')
    .argument('[process]', 'show only this one, e.g. control')
    .option('-f, --follow', 'wait for more')
    .option('-n, --lines <count>', 'how many lines of each log', toCount, 50)
    .option('--json', 'print the lines as they are in the file')
    .action(run(() => import('./commands/logs.ts')));
  add('install', 'prepare this machine, so that `up` needs nothing from outside')
    .option('-y, --yes', 'install missing packages without asking')
    .action(run(() => import('./commands/install.ts')));
  add('doctor', 'find what is missing or wrong here, each with the command that mends it').action(
    run(() => import('./commands/doctor.ts')),
  );
  add(
    'audit',
    'look for anything without an owner: guests, ports, taps, disks, allocations, OVN rows',
  ).action(run(() => import('./commands/audit.ts')));
  add('reset', 'go back to a fresh cloud: stops everything and removes guests and data')
    .option('-y, --yes', 'do not ask')
    .action(run(() => import('./commands/reset.ts')));
  add('test', 'run every test, a real guest included')
    .option('-y, --yes', 'install missing packages without asking')
    .action(run(() => import('./commands/test.ts')));
  return program;
}

const examples = `
Examples:
  sudo stratalith up        a cloud with real guests and networks
  stratalith up --sim       a cloud of APIs only: no root, no packages
  stratalith up --help      what a command takes`;

function toAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It is no IP address; 0.0.0.0 stands for all.');
  return text;
}

function toCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is no number.');
  return Number(text);
}
