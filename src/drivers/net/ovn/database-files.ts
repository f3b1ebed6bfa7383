import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where packages put schemas: OVN's own directory, or, before 20.06, Open vSwitch's. */
const schemaDirectories = ['/usr/share/ovn', '/usr/share/openvswitch'];

/** Absolute path of a packaged schema. Throws when no package brought it. */
export function schemaFile(name: 'ovn-nb' | 'ovn-sb' | 'vswitch'): string {
  const file = schemaDirectories.map((directory) => `${directory}/${name}.ovsschema`).find(existsSync);
  if (!file) throw new Error(`there is no ${name}.ovsschema in ${schemaDirectories.join(' or ')}`);
  return file;
}

/** Whom a database's server runs as; null: whoever we are. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/**
 * Makes a database file ready for its server: creates it, converts it to the installed packages' schema, and sets a
 * damaged one aside as `.damaged`. All three databases can be filled anew: what is wanted is kept elsewhere. Files belong
 * to the server's account, the lock beside the database too.
 */
export async function prepareDatabase(file: string, schema: string, account: Account): Promise<void> {
  const tool = async (...args: string[]): Promise<string> =>
    (await run('/usr/bin/ovsdb-tool', args, { cwd: '/', ...account })).stdout.trim();
  if (existsSync(file)) {
    const version = await tool('db-version', file).catch(() => undefined);
    if (version === undefined) await rename(file, `${file}.damaged`);
    else if (version !== (await tool('schema-version', schema))) await tool('convert', file, schema);
  }
  if (!existsSync(file)) await tool('create', file, schema);
}
