import { join } from 'node:path';

import {
  isSimulated,
  type Layout,
  type MachineConfig,
  publicUrl,
  type ServiceName,
} from '#contracts/machine.ts';

import { adminClient, PasswordChanged } from '../cloud/admin.ts';
import type { CloudClient } from '../cloud/client.ts';
import { writeClouds } from '../cloud/clouds.ts';
import { isDemoMade, provisionDemo, waitForHypervisor } from '../demo/demo.ts';
import { type Account, accountNames, findAccount } from '../machine/accounts.ts';
import {
  dataDirectory,
  type GlobalOptions,
  isRoot,
  lockCommands,
  readConfig,
  readReady,
  readSettings,
  requireShortPath,
  supervisorOf,
} from '../machine/context.ts';
import { checkKind, makeDirectories, requireRoom, writeKind } from '../machine/directories.ts';
import { checkPorts } from '../machine/ports.ts';
import { prepareMachine } from '../machine/prepare.ts';
import { ensurePassword, writePrivately } from '../machine/secrets.ts';
import { anythingRuns, startServices, stopServices, untilReady } from '../machine/services.ts';
import { bold, say, step, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

interface UpOptions extends GlobalOptions {
  readonly sim?: boolean;
  readonly listen?: string;
  readonly yes?: boolean;
}

/** Starts the cloud and makes the demo, or says that it is up already. */
export async function run(options: UpOptions, parts: ProgramParts): Promise<void> {
  const layout = dataDirectory(options);
  const config = withFlags(await readConfig(options, layout, parts), options);
  const sim = isSimulated(config);
  if (!sim && !isRoot())
    throw new UserError(
      'guests and their networks need root',
      'run it with sudo, or start a cloud of simulated guests: stratalith up --sim',
    );
  const kind = sim ? 'sim' : 'real';
  requireShortPath(layout.data, kind);
  checkKind(layout, kind);
  if (!sim) await prepareMachine(parts, options.yes === true);
  const account = (isRoot() && findAccount(accountNames.control)) || null;
  if (!supervisorOf(layout)) requireRoom(layout);
  makeDirectories(layout, account);
  const lock = lockCommands(layout);
  try {
    writeKind(layout, kind);
    if (supervisorOf(layout)) {
      say(`The cloud in ${layout.data} is up already.`);
      sayWhatWaits(layout, config, options);
      await step('look at the services', (note) => untilReady(layout, note));
    } else await start(layout, config, account, parts);
    await makeDemo(layout, sim, parts);
    showEndpoints(layout, sim);
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

/**
 * Says which options have other values than the running cloud was started with. Throws when the command line itself asks for
 * an address the cloud does not listen on.
 */
function sayWhatWaits(layout: Layout, config: MachineConfig, { listen }: UpOptions): void {
  const running = readSettings(layout)!.config;
  if (listen !== undefined && listen !== running.api.listen)
    throw new UserError(
      `it listens on ${running.api.listen}, not on ${listen}`,
      `stratalith down, then up --listen ${listen}`,
    );
  const waiting = changedOptions(running, config);
  if (waiting.length > 0)
    say(`Changed since it was started: ${waiting.join(', ')}. Takes effect after stratalith down.`);
}

/** The options two configurations differ in, as `[section] option`. */
function changedOptions(before: MachineConfig, after: MachineConfig): string[] {
  const was = before as unknown as Record<string, Record<string, unknown> | undefined>;
  return Object.entries(after).flatMap(([section, options]) =>
    Object.entries(options as Record<string, unknown>).flatMap(([name, value]) =>
      JSON.stringify(was[section]?.[name]) === JSON.stringify(value) ? [] : [`[${section}] ${name}`],
    ),
  );
}

async function start(
  layout: Layout,
  config: MachineConfig,
  account: Account | null,
  parts: ProgramParts,
): Promise<void> {
  checkPorts(layout, config);
  const passwords = {
    admin: ensurePassword(layout.adminPassword, account),
    demo: ensurePassword(join(layout.data, 'demo-password'), null),
  };
  writePrivately(layout.settings, JSON.stringify({ config, account }), account);
  writeClouds(layout, config, passwords);
  const ranBefore = anythingRuns(layout);
  try {
    await step('start the services', (note) => startServices(layout, parts, note));
  } catch (error) {
    // half a cloud helps nobody, and its logs say what was wrong; one that only lost its supervisor goes on
    if (!ranBefore) await stopServices(layout);
    throw error;
  }
}

/** Logs in as the administrator and makes what is missing of the demo. */
async function makeDemo(layout: Layout, sim: boolean, parts: ProgramParts): Promise<void> {
  const { config } = readSettings(layout)!;
  let client: CloudClient;
  try {
    client = await adminClient(layout, config);
  } catch (error) {
    if (!(error instanceof PasswordChanged) || !isDemoMade(layout)) throw error;
    say(`Hypervisors are not looked at: ${error.message}.`);
    return;
  }
  await provisionDemo({
    layout,
    client,
    root: parts.root,
    sim,
    demoPassword: ensurePassword(join(layout.data, 'demo-password'), null),
  });
  await waitForHypervisor(client);
}

function showEndpoints(layout: Layout, sim: boolean): void {
  const { config } = readSettings(layout)!;
  say();
  say(bold('Endpoints'));
  for (const service of [...Object.keys(readReady(layout)?.ports ?? {}), 'console'])
    say(`  ${service.padEnd(10)} ${publicUrl(config, service as ServiceName)}`);
  say();
  if (sim) say('Guests and networks are simulated: nothing boots, no packet moves.');
  say(`clouds.yaml: ${layout.clouds} (clouds stratalith and stratalith-demo)`);
  say(`  export OS_CLIENT_CONFIG_FILE=${layout.clouds} OS_CLOUD=stratalith`);
}
