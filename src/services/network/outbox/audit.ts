import type { NetDriver } from '#drivers/net/driver.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';

import type { Db } from '../tables.ts';
import type { EngineKind } from './kinds.ts';
import { wantedIds } from './store.ts';

const words: Readonly<Record<EngineKind, string>> = {
  network: 'network',
  securityGroup: 'security group',
  port: 'port',
  router: 'router',
};

/**
 * Everything the engine has for things that do not exist, in words. What is about to be taken away may show, and is gone
 * the next time.
 */
export async function auditEngine(db: Db, driver: NetDriver): Promise<string[]> {
  try {
    const found: string[] = [];
    for (const kind of Object.keys(words) as EngineKind[]) {
      const present = await driver.present(kind);
      const wanted = await wantedIds(db, kind);
      for (const id of present)
        if (!wanted.has(id))
          found.push(`the network engine has rows of ${words[kind]} ${id}, which does not exist`);
    }
    return found;
  } catch (error) {
    return [`the network engine could not be looked at: ${messageOf(error)}`];
  }
}
