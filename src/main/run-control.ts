import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import type { Ready } from '#contracts/machine.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { systemClock } from '#kit/clock/clock.ts';
import { Database } from '#kit/db/database.ts';

import { startControl } from './control.ts';
import type { Start } from './processes/start.ts';
import { version } from './version.ts';

/** Opens the database, starts every service and says so in the data directory. */
export async function runControl(
  { layout, settings, log }: Start,
  bus: Bus,
): Promise<{ stop(): Promise<void> }> {
  const { config } = settings;
  process.umask(0o077);
  rmSync(layout.ready, { force: true });
  const database = await Database.open(
    config.database.url
      ? { kind: 'postgres', url: config.database.url }
      : { kind: 'sqlite', path: layout.database },
  );
  const control = await startControl({
    config,
    database,
    bus,
    clock: systemClock,
    log,
    directory: layout.control,
    ...(existsSync(layout.adminPassword) && {
      adminPassword: readFileSync(layout.adminPassword, 'utf8').trim(),
    }),
  });
  const ready: Ready = { pid: process.pid, version, ports: control.ports };
  writeFileSync(`${layout.ready}.new`, JSON.stringify(ready));
  renameSync(`${layout.ready}.new`, layout.ready);
  return {
    async stop() {
      rmSync(layout.ready, { force: true });
      await control.stop();
      await database.close();
    },
  };
}
