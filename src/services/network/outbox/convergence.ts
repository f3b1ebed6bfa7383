import type { NetDriver } from '#drivers/net/driver.ts';
import { newUuid } from '#kit/ids/ids.ts';
import type { Logger } from '#kit/log/log.ts';

import type { NetworkSettings } from '../options.ts';
import type { Db } from '../tables.ts';
import type { EngineKind } from './kinds.ts';
import { enqueue, wantedIds } from './store.ts';
import { wantedChanges } from './wanted.ts';

/** The two sides to compare, what shapes the wanted states, and where drift is told. */
export interface ConvergenceParts {
  readonly db: Db;
  readonly driver: NetDriver;
  readonly log: Logger;
  readonly settings: NetworkSettings;
}

/** Ids looked at together. */
const chunk = 200;
const kinds: readonly EngineKind[] = ['network', 'securityGroup', 'port', 'router'];

/**
 * Compares everything the database wants with everything the engine has, and notes in the outbox what is missing, what
 * differs and what nobody wants. Answers how many resources it noted.
 */
export async function converge(parts: ConvergenceParts, now: number): Promise<number> {
  const { db, driver, log, settings } = parts;
  let noted = 0;
  for (const kind of kinds) {
    const wanted = await wantedIds(db, kind);
    const present = new Set(await driver.present(kind));
    const unwanted = [...present].filter((id) => !wanted.has(id));
    const missing = [...wanted].filter((id) => !present.has(id));
    const drifted: string[] = [];
    const shared = [...wanted].filter((id) => present.has(id));
    for (let i = 0; i < shared.length; i += chunk) {
      const wanted = await wantedChanges(db, settings, kind, shared.slice(i, i + chunk));
      drifted.push(...(await driver.drifted(wanted)));
    }
    const ids = [...unwanted, ...missing, ...drifted];
    if (ids.length === 0) continue;
    log.warn({ kind, unwanted, missing, drifted }, 'the network engine had drifted');
    await enqueue(
      db,
      ids.map((id) => ({ kind, id })),
      newUuid(),
      now,
    );
    noted += ids.length;
  }
  return noted;
}
