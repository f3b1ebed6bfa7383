import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { layoutOf } from '#contracts/machine.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { makeDirectories } from './directories.ts';

test.runIf(process.getuid!() === 0)(
  'control’s directory is handed over with all that is in it, and nothing a link leads to (needs root)',
  () => {
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, 'file'), '');
    const data = temporaryDirectory();
    // the account must be able to reach what is its own
    chmodSync(data, 0o755);
    const layout = layoutOf(data);
    const keys = join(layout.control, 'fernet-keys');
    mkdirSync(keys, { recursive: true });
    writeFileSync(join(keys, '0'), '');
    symlinkSync(elsewhere, join(layout.control, 'link'));
    const account = { uid: 65_534, gid: 65_534 };
    makeDirectories(layout, account);
    for (const path of [layout.control, keys, join(keys, '0'), join(layout.control, 'link')])
      expect(lstatSync(path).uid, path).toBe(account.uid);
    for (const path of [elsewhere, join(elsewhere, 'file')]) expect(statSync(path).uid, path).toBe(0);
  },
);
