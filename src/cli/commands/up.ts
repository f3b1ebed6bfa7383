import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Layout, type MachineConfig, publicUrl, type ServiceName } from '#contracts/machine.ts';
import { isAlive, listeners } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { until } from '../cloud/client.ts';
import { writeClouds } from '../cloud/clouds.ts';
import {
  dataDirectory,
  type GlobalOptions,
  isRoot,
  lockCommands,
  readConfig,
  readReady,
  readSettings,
  supervisorOf,
} from '../machine.ts';
import { bold, say, step, UserError } from '../output.ts';
import type { ProgramParts } from '../program.ts';

interface UpOptions extends GlobalOptions {
  readonly sim?: boolean;
  readonly listen?: string;
  readonly yes?: boolean;
}

/** Starts the cloud, or says that it is up already. */
export async function run(options: UpOptions, parts: ProgramParts): Promise<void> {
  const layout = dataDirectory(options);
  if (!options.sim && !isRoot())
    throw new UserError(
      'guests and their networks need root',
      'run it with sudo, or start a cloud of simulated guests: stratalith up --sim',
    );
  const config = withFlags(await readConfig(options, layout, parts), options);
  makeDirectories(layout);
  checkKind(layout, options.sim ? 'sim' : 'real');
  const lock = lockCommands(layout);
  try {
    if (supervisorOf(layout)) {
      say(`The cloud in ${layout.data} is up already.`);
    } else {
      checkPorts(layout, config);
      const password = adminPassword(layout);
      writePrivately(layout.settings, JSON.stringify({ config, account: null }));
      writeClouds(layout, config, password);
      await step('start the services', () => startSupervisor(layout, parts));
    }
    showEndpoints(layout, readSettings(layout)?.config ?? config, options.sim === true);
  } finally {
    lock.release();
  }
}

/** The configuration with the command line's words over it. */
export function withFlags(config: MachineConfig, flags: { sim?: boolean; listen?: string }): MachineConfig {
  return {
    ...config,
    api: { ...config.api, ...(flags.listen !== undefined && { listen: flags.listen }) },
    drivers: flags.sim ? { ...config.drivers, virt: 'sim', net: 'sim' } : config.drivers,
  };
}

function makeDirectories(layout: Layout): void {
  mkdirSync(layout.data, { recursive: true, mode: 0o755 });
  for (const directory of [layout.run, layout.log]) mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const directory of [layout.control, layout.agent, layout.ovn])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/** A directory belongs to one kind of cloud: its database knows hosts and ports of that kind only. */
function checkKind(layout: Layout, kind: 'sim' | 'real'): void {
  const was = existsSync(layout.kind) ? readFileSync(layout.kind, 'utf8').trim() : undefined;
  if (was === undefined) writeFileSync(layout.kind, `${kind}\n`);
  else if (was !== kind)
    throw new UserError(
      `${layout.data} belongs to a cloud whose guests are ${was === 'sim' ? 'simulated' : 'real'}`,
      `${was === 'sim' ? 'add --sim' : 'leave out --sim'}, use another directory with --data, or begin anew: stratalith reset`,
    );
}

/** Throws with the owner of every port that is taken. Our own processes that outlived their supervisor are no hindrance. */
function checkPorts(layout: Layout, config: MachineConfig): void {
  const own = new Set(readState(layout.processes).flatMap(({ id }) => (id && isAlive(id) ? [id.pid] : [])));
  const taken = [...listeners(Object.values(config.ports))].filter(([, { pid }]) => !pid || !own.has(pid));
  if (taken.length === 0) return;
  const lines = taken.map(([port, { address, pid, command }]) => {
    const service = Object.entries(config.ports).find(([, p]) => p === port)![0];
    const owner = pid ? `pid ${pid}: ${command?.slice(0, 120)}` : "another user's process";
    return `port ${port} (${service}) is listened on at ${address} by ${owner}`;
  });
  throw new UserError(
    `${taken.length === 1 ? 'a port is' : 'ports are'} taken:`,
    ...lines,
    'end these processes, or choose other ports in section [ports] of the configuration file',
  );
}

/** The administrator's generated password; made once. */
function adminPassword(layout: Layout): string {
  if (!existsSync(layout.adminPassword))
    writePrivately(layout.adminPassword, `${randomBytes(15).toString('base64url')}\n`);
  return readFileSync(layout.adminPassword, 'utf8').trim();
}

function writePrivately(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function startSupervisor(layout: Layout, parts: ProgramParts): Promise<string> {
  const log = join(layout.log, 'supervisor.log');
  const output = openSync(log, 'a', 0o640);
  const child = spawn(process.execPath, [join(parts.root, ...parts.supervisor), '--data', layout.data], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: layout.data, LANG: 'C.UTF-8' },
  });
  closeSync(output);
  child.unref();
  const services = await until(60_000, async () => {
    if (child.exitCode !== null) throw new UserError('the supervisor ended at once', lastLines(log));
    const failing = readState(layout.processes).find((c) => c.restarts >= 3);
    if (failing) throw new UserError(`${failing.name} does not start`, lastLines(failing.log));
    const ready = readReady(layout);
    const running = readState(layout.processes).some(({ id }) => id && id.pid === ready?.pid && isAlive(id));
    return running ? Object.keys(ready!.ports) : undefined;
  });
  if (!services) throw new UserError('the services did not come up within a minute', `see ${layout.log}`);
  return services.join(', ');
}

const lastLines = (file: string): string => {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5);
  return `${file} ends with:\n${lines.join('\n')}`;
};

function showEndpoints(layout: Layout, config: MachineConfig, sim: boolean): void {
  say();
  say(bold('Endpoints'));
  for (const service of Object.keys(readReady(layout)?.ports ?? {}))
    say(`  ${service.padEnd(10)} ${publicUrl(config, service as ServiceName)}`);
  say();
  if (sim) say('Guests and networks are simulated: nothing boots, no packet moves.');
  say(`clouds.yaml: ${layout.clouds} (cloud stratalith)`);
  say(`  export OS_CLIENT_CONFIG_FILE=${layout.clouds} OS_CLOUD=stratalith`);
}
