import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Layout, Ready } from '#contracts/machine.ts';
import type { SimFabric } from '#drivers/net/sim/fabric.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { systemClock } from '#kit/clock/clock.ts';
import { Database } from '#kit/db/database.ts';

import { catalogOf } from './catalog.ts';
import type { StratalithConfig } from './config.ts';
import { startControl } from './control.ts';
import { openNetDriver } from './net-driver.ts';
import type { Start } from './processes/start.ts';
import { version } from './version.ts';

/** Opens the database, starts every service and says so in the data directory. `fabric`: see {@link openNetDriver}. */
export async function runControl(
  start: Start,
  bus: Bus,
  fabric?: SimFabric,
): Promise<{ stop(): Promise<void> }> {
  const { layout, log } = start;
  const { config } = start.settings;
  process.umask(0o077);
  rmSync(layout.ready, { force: true });
  const database = await Database.open(
    config.database.url
      ? { kind: 'postgres', url: config.database.url }
      : { kind: 'sqlite', path: layout.database },
  );
  const netDriver = await openNetDriver(start, fabric);
  const bootstrapped = bootstrapMark(layout, config);
  const control = await startControl({
    config,
    database,
    bus,
    clock: systemClock,
    log,
    netDriver,
    directory: layout.control,
    ...(bootstrapped.stale && { adminPassword: readFileSync(layout.adminPassword, 'utf8').trim() }),
  });
  bootstrapped.done();
  const ready: Ready = { pid: process.pid, version, ports: control.ports };
  writeFileSync(`${layout.ready}.new`, JSON.stringify(ready));
  renameSync(`${layout.ready}.new`, layout.ready);
  return {
    async stop() {
      rmSync(layout.ready, { force: true });
      await control.stop();
      await netDriver.close();
      await database.close();
    },
  };
}

/**
 * Remembers what Identity was bootstrapped with. Doing it anew with nothing changed would cost a bcrypt at every start, and
 * give the administrator the generated password back who has chosen another.
 */
function bootstrapMark(layout: Layout, config: StratalithConfig): { stale: boolean; done: () => void } {
  const file = join(layout.control, 'bootstrapped.json');
  const wanted = JSON.stringify([config.api.region, catalogOf(config)]);
  return {
    stale: !existsSync(file) || readFileSync(file, 'utf8') !== wanted,
    done: () => writeFileSync(file, wanted),
  };
}
