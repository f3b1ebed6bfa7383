import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute path of the program's own directory. */
export const programRoot = join(import.meta.dirname, '..', '..');

/** Stratalith's version, from package.json. */
export const version: string = (
  JSON.parse(readFileSync(join(programRoot, 'package.json'), 'utf8')) as { version: string }
).version;
