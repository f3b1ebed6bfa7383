import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Database } from '#kit/db/database.ts';

/** An empty database in a directory that goes with it. */
export async function temporaryDatabase(): Promise<{ database: Database; remove: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-authz-'));
  const path = join(directory, 'authz.db');
  const database = await Database.open({ kind: 'sqlite', path, sync: 'off' });
  return {
    database,
    async remove() {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}
