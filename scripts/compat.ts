/**
 * Writes docs/compat/<service>.md: every operation of the contract, built or not. With `--check` it only says which pages are
 * out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { apis } from '#main/registry.ts';

import { pageOf } from './compat/page.ts';

const directory = join(import.meta.dirname, '..', 'docs', 'compat');
const checking = process.argv.includes('--check');

for (const api of apis) {
  const file = join(directory, `${api.type}.md`);
  const page = pageOf(api);
  if (!checking) writeFileSync(file, page);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== page) {
    console.error(`${file} is out of date: npm run docs`);
    process.exitCode = 1;
  }
}
