import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { labAccount, missingForLab, OvnLab } from '#test/support/ovn/lab.ts';

import { prepareDatabase, schemaFile } from './database-files.ts';
import type { EngineParts } from './engine.ts';
import { readSettings } from './settings.ts';

const run = promisify(execFile);
const missing = missingForLab();

describe.skipIf(missing !== '')(`the engine's processes (missing: ${missing || 'nothing'})`, () => {
  let lab: OvnLab;
  let host: string;
  beforeAll(async () => {
    lab = await OvnLab.start();
    host = mkdtempSync(join(tmpdir(), 'stratalith-host-'));
  }, 30_000);
  afterAll(async () => {
    await lab?.stop();
    rmSync(host, { recursive: true, force: true });
  });

  test('start in order and are ready when start resolves', async () => {
    const state = await lab.state();
    expect(state.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'ovn-nb running',
      'ovn-sb running',
      'ovn-northd running',
      'ovs-db running',
      'ovs-vswitchd running',
      'ovn-controller running',
    ]);
    expect(await lab.outside('ip', '-br', 'address', 'show', 'dev', 'br-ex')).toContain('172.24.4.1/24');
  });

  test('the central runs without privilege, and only its account reaches its databases', async () => {
    for (const { name, id } of await lab.state()) {
      const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${id!.pid}/status`, 'utf8'))![1];
      expect(`${name} ${uid}`).toBe(
        `${name} ${name.startsWith('ovn-') && name !== 'ovn-controller' ? labAccount.uid : 0}`,
      );
    }
    const program = `require('node:net').connect(process.argv[1])
      .on('connect', () => { console.log('in'); process.exit(); })
      .on('error', (error) => console.log(error.code))`;
    const connect = async (uid: number, socket: string) =>
      (await run(process.execPath, ['-e', program, socket], { uid, gid: uid, cwd: '/' })).stdout.trim();
    const { northbound, southbound, switch: conf } = lab.remotes;
    for (const remote of [northbound, southbound]) {
      expect(await connect(labAccount.uid, remote.slice(5))).toBe('in');
      expect(await connect(65_533, remote.slice(5))).toBe('EACCES');
    }
    expect(await connect(labAccount.uid, conf.slice(5))).toBe('EACCES');
  });

  /** A directory that looks like a host whose operating system runs what the lab runs. */
  async function hostWith(
    ...parts: ('switch' | 'controller' | 'northbound')[]
  ): Promise<NonNullable<EngineParts['hostDirectories']>> {
    const daemons = await lab.state();
    const at = mkdtempSync(join(host, 'run-'));
    const directories = { openvswitch: join(at, 'openvswitch'), ovn: join(at, 'ovn') };
    for (const directory of Object.values(directories)) mkdirSync(directory);
    const pid = (file: string, daemon: string) =>
      writeFileSync(file, `${daemons.find(({ name }) => name === daemon)!.id!.pid}\n`);
    if (parts.includes('switch')) {
      symlinkSync(lab.remotes.switch.slice(5), join(directories.openvswitch, 'db.sock'));
      pid(join(directories.openvswitch, 'ovs-vswitchd.pid'), 'ovs-vswitchd');
    }
    if (parts.includes('controller')) pid(join(directories.ovn, 'ovn-controller.pid'), 'ovn-controller');
    if (parts.includes('northbound'))
      symlinkSync(lab.remotes.northbound.slice(5), join(directories.ovn, 'ovnnb_db.sock'));
    return directories;
  }
  const engine = (more: Partial<EngineParts>) => lab.engine({ ...lab.setup.engine, useHosts: true, ...more });
  const central = ['ovn-nb', 'ovn-sb', 'ovn-northd'];

  test('on a host that runs none of its own, all are ours', async () => {
    const { children } = await engine({ hostDirectories: await hostWith() });
    expect(children).toEqual([...central, 'ovs-db', 'ovs-vswitchd', 'ovn-controller']);
  });

  test('a host’s switch is used, and what its operator has set stays', async () => {
    const used = await engine({ hostDirectories: await hostWith('switch'), hostname: 'another' });
    expect(used.children).toEqual([...central, 'ovn-controller']);
    expect(used.switch).toMatch(/openvswitch\/db\.sock$/);
    expect((await readSettings(lab.remotes.switch)).hostname).toBe('lab-host');
  });

  test('a host that belongs to an OVN stays part of it: nothing is started', async () => {
    const used = await engine({
      hostDirectories: await hostWith('switch', 'controller', 'northbound'),
      directory: join(host, 'elsewhere'),
      account: { uid: 65_533, gid: 65_533 },
    });
    expect(used.children).toEqual([]);
    expect(used.southbound).toBe(lab.remotes.southbound);
    const socket = statSync(used.northbound.slice(5));
    expect([socket.gid, socket.mode & 0o777]).toEqual([65_533, 0o770]);
  });

  test('a host that belongs to an OVN whose Northbound database is not here needs to be told where', async () => {
    const parts = {
      hostDirectories: await hostWith('switch', 'controller'),
      directory: join(host, 'elsewhere'),
    };
    await expect(engine(parts)).rejects.toThrow('say where its Northbound database is');
    const remotes = { northbound: 'tcp:10.0.0.1:6641', southbound: lab.remotes.southbound };
    expect(await engine({ ...parts, remotes })).toMatchObject({ children: [], ...remotes });
  });
});

describe.skipIf(missing !== '')(`database files (missing: ${missing || 'nothing'})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-db-'));
  const file = join(directory, 'nb.db');
  const version = () => execFileSync('ovsdb-tool', ['db-version', file], { encoding: 'utf8' }).trim();
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('are made, brought to the installed schema, and set aside when damaged', async () => {
    const schema = schemaFile('ovn-nb');
    const older = join(directory, 'older.ovsschema');
    const parsed = JSON.parse(readFileSync(schema, 'utf8')) as { version: string; cksum?: string };
    const now = parsed.version;
    writeFileSync(older, JSON.stringify({ ...parsed, version: '5.0.0', cksum: undefined }));
    await prepareDatabase(file, older, null);
    expect(version()).toBe('5.0.0');
    await prepareDatabase(file, schema, null);
    expect(version()).toBe(now);
    const inode = statSync(file).ino;
    await prepareDatabase(file, schema, null);
    expect(statSync(file).ino, 'what is right is left alone').toBe(inode);
    writeFileSync(file, 'not a database');
    await prepareDatabase(file, schema, null);
    expect(version()).toBe(now);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('not a database');
  });
});
