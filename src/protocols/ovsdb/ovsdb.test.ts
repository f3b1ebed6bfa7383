import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { OvsdbClient } from './client.ts';
import { integer, optional, ref, setOf, text, textMap, truth } from './columns.ts';
import { JsonRpc, RpcError } from './json-rpc.ts';
import { JsonSplitter } from './json-splitter.ts';
import { unixctl } from './unixctl.ts';

describe('cutting a stream into JSON values', () => {
  test('any values, cut anywhere, come out whole and in order', () => {
    const message = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), fc.boolean(), (messages, cuts, spaced) => {
        const bytes = Buffer.from(messages.map((m) => JSON.stringify(m)).join(spaced ? '\n' : ''));
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].sort(
          (a, b) => a - b,
        );
        const splitter = new JsonSplitter();
        const pieces = places.map((place, i) => bytes.subarray(places[i - 1] ?? 0, place));
        const found = pieces.flatMap((piece) => splitter.push(piece));
        expect(found.map((text) => JSON.parse(text) as unknown)).toEqual(
          messages.map((m) => JSON.parse(JSON.stringify(m)) as unknown),
        );
      }),
    );
  });
});

describe('columns', () => {
  const id = '0f1b1fe1-7f0e-4a0c-9a1c-2f3f1c0a9d11';
  const other = '1f1b1fe1-7f0e-4a0c-9a1c-2f3f1c0a9d11';

  test('the server writes a set of one bare and any other as a set', () => {
    expect(setOf(ref).decode(['uuid', id])).toEqual([id]);
    expect(setOf(text).decode(['set', ['a', 'b']])).toEqual(['a', 'b']);
    expect(setOf(text).decode(['set', []])).toEqual([]);
    expect(setOf(text).decode('set')).toEqual(['set']);
    expect(optional(truth).decode(['set', []])).toBeNull();
    expect(optional(truth).decode(false)).toBe(false);
    expect(optional(ref).decode(['uuid', id])).toBe(id);
  });

  test('a difference of a set swaps its elements, of a map its pairs, of an option its value', () => {
    expect(
      setOf(ref).patch(
        [id],
        [
          'set',
          [
            ['uuid', id],
            ['uuid', other],
          ],
        ],
      ),
    ).toEqual([other]);
    expect(setOf(text).patch(['a'], 'b')).toEqual(['a', 'b']);
    expect(
      textMap.patch({ same: '1', gone: '2', old: '3' }, [
        'map',
        [
          ['gone', '2'],
          ['old', '4'],
          ['new', '5'],
        ],
      ]),
    ).toEqual({ same: '1', old: '4', new: '5' });
    expect(optional(text).patch('a', ['set', []])).toBeNull();
    expect(optional(text).patch(null, 'b')).toBe('b');
  });

  test('order does not matter to sets and maps', () => {
    expect(setOf(text).same(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(setOf(text).same(['a', 'b'], ['a', 'c'])).toBe(false);
    expect(textMap.same({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true);
    expect(textMap.same({ a: '1' }, { b: '1' })).toBe(false);
  });
});

describe('the connection', () => {
  let server: Server;
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-rpc-'));
  const remote = `unix:${join(directory, 'socket')}`;
  const sockets: Socket[] = [];
  const listen = (onData: (socket: Socket, message: { id: unknown; method: string }) => void) =>
    new Promise<void>((resolve) => {
      server = createServer((socket) => {
        sockets.push(socket);
        const splitter = new JsonSplitter();
        socket.on('data', (chunk) => {
          for (const value of splitter.push(chunk)) onData(socket, JSON.parse(value) as never);
        });
      }).listen(join(directory, 'socket'), resolve);
    });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('answers an echo and settles pipelined calls in any order', async () => {
    const heard: unknown[] = [];
    const calls: { id: unknown; method: string }[] = [];
    await listen((socket, message) => {
      if (!message.method) return void heard.push(message);
      calls.push(message);
      if (calls.length < 2) return;
      socket.write(JSON.stringify({ id: 'x', method: 'echo', params: ['y'] }));
      for (const { id, method } of calls.toReversed())
        socket.write(
          JSON.stringify({ id, result: method === 'ok' ? 1 : null, error: method === 'ok' ? null : 'no' }),
        );
    });
    const rpc = await JsonRpc.connect(remote);
    const [ok, bad] = await Promise.allSettled([rpc.call('ok', []), rpc.call('bad', [])]);
    expect(ok).toEqual({ status: 'fulfilled', value: 1 });
    expect(bad).toMatchObject({ reason: expect.any(RpcError) });
    await expect.poll(() => heard).toEqual([{ id: 'x', result: ['y'], error: null }]);
    rpc.close();
  });

  test('a silent server is asked whether it lives', async () => {
    const asked = Promise.withResolvers<string>();
    await listen((_socket, message) => asked.resolve(message.method));
    const rpc = await JsonRpc.connect(remote, {}, 20);
    expect(await asked.promise).toBe('echo');
    rpc.close();
  });

  test('a server that speaks something else is left', async () => {
    await listen((socket) => socket.write('{nonsense}'));
    const rpc = await JsonRpc.connect(remote);
    await expect(rpc.call('x', [])).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a lost connection fails what waits, and what comes after', async () => {
    await listen((socket) => socket.destroy());
    const closed = Promise.withResolvers<void>();
    const rpc = await JsonRpc.connect(remote, { closed: closed.resolve });
    await expect(rpc.call('x', [])).rejects.toMatchObject({ kind: 'unavailable' });
    await closed.promise;
    await expect(rpc.call('x', [])).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

const schemaFile = {
  name: 'Family',
  version: '1.0.0',
  tables: {
    Parent: {
      isRoot: true,
      columns: {
        name: { type: 'string' },
        children: { type: { key: { type: 'uuid', refTable: 'Child' }, min: 0, max: 'unlimited' } },
        labels: { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } },
        age: { type: { key: 'integer', min: 0, max: 1 } },
      },
    },
    Child: { columns: { name: { type: 'string' }, grown: { type: 'boolean' } }, indexes: [['name']] },
    Counter: { isRoot: true, columns: { value: { type: 'integer' } } },
  },
};
const family = {
  database: 'Family',
  tables: {
    Parent: { name: text, children: setOf(ref), labels: textMap, age: optional(integer) },
    Child: { name: text, grown: truth },
  },
};
const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

describe.skipIf(!existsSync('/usr/sbin/ovsdb-server'))(
  'with a real ovsdb-server (needs the package openvswitch-common)',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'stratalith-ovsdb-'));
    const file = join(directory, 'db');
    const remote = `unix:${join(directory, 'db.sock')}`;
    let server: ChildProcess;
    const clients: OvsdbClient<typeof family.tables>[] = [];
    const connect = async (where = {}) => {
      const client = new OvsdbClient(remote, { ...family, where });
      clients.push(client);
      await client.ready(5000);
      return client;
    };
    const start = () => {
      server = spawn(
        '/usr/sbin/ovsdb-server',
        [file, `--remote=p${remote}`, `--unixctl=${join(directory, 'ctl')}`, '--no-chdir', '-vconsole:off'],
        { stdio: 'ignore' },
      );
    };
    const kill = async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    };
    beforeAll(() => {
      writeFileSync(join(directory, 'schema'), JSON.stringify(schemaFile));
      execFileSync('ovsdb-tool', ['create', file, join(directory, 'schema')]);
      start();
    });
    afterEach(async () => {
      const client = clients[0]!;
      await client.ready(5000);
      await client.change((t) => t.deleteWhere('Parent', []));
      for (const c of clients.splice(0)) c.close();
    });
    afterAll(async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    });

    test('what is declared is there when the promise resolves, and declaring it again writes nothing', async () => {
      const client = await connect();
      let changes = 0;
      client.onChange('Parent', () => changes++);
      const declare = () =>
        client.change((t) => {
          t.put('Child', uuid(2), { name: 'c', grown: true });
          t.put('Parent', uuid(1), { name: 'p', children: [uuid(2)], labels: { a: 'b' }, age: 40 });
        });
      await declare();
      expect(client.tables.Parent.get(uuid(1))).toEqual({
        _uuid: uuid(1),
        name: 'p',
        children: [uuid(2)],
        labels: { a: 'b' },
        age: 40,
      });
      await declare();
      expect(changes).toBe(1);
      await client.change((t) => t.put('Parent', uuid(1), { children: [], labels: { c: 'd' }, age: null }));
      expect(client.tables.Parent.get(uuid(1))).toMatchObject({
        children: [],
        labels: { c: 'd' },
        age: null,
      });
      expect(client.tables.Child.get(uuid(2)), 'nobody refers to it any more').toBeUndefined();
    });

    test('another client hears of it, within its conditions', async () => {
      const writer = await connect();
      const heard: unknown[] = [];
      const reader = await connect({ Parent: [['name', '==', 'wanted']] });
      reader.onChange('Parent', (change) => heard.push([change.before?.age, change.after?.age]));
      await writer.change((t) => {
        t.put('Parent', uuid(1), { name: 'wanted', age: 1 });
        t.put('Parent', uuid(2), { name: 'unwanted' });
      });
      await writer.change((t) => t.put('Parent', uuid(1), { age: 2 }));
      await writer.change((t) => t.delete('Parent', uuid(1)));
      await expect
        .poll(() => heard)
        .toEqual([
          [undefined, 1],
          [1, 2],
          [2, undefined],
        ]);
    });

    test('a set with several writers takes members of all of them', async () => {
      const [a, b] = [await connect(), await connect()];
      await a.change((t) => t.put('Parent', uuid(1), { name: 'p' }));
      await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          (i % 2 ? a : b).change((t) => {
            t.put('Child', uuid(100 + i), { name: `c${i}` });
            t.include('Parent', uuid(1), 'children', uuid(100 + i));
          }),
        ),
      );
      await expect.poll(() => a.tables.Parent.get(uuid(1))?.children.length).toBe(200);
      await b.change((t) => t.excludeAnywhere('Parent', 'children', uuid(100)));
      await a.change((t) => t.exclude('Parent', uuid(1), 'children', uuid(101)));
      await expect.poll(() => [...a.tables.Child.rows()].length).toBe(198);
    });

    test('writers who declare the same row at the same time make one row', async () => {
      const both = [await connect(), await connect()];
      for (let round = 1; round <= 20; round++)
        await Promise.all(
          both.map((client) =>
            client.change((t) => {
              t.put('Child', uuid(200 + round), { name: `r${round}` });
              t.put('Parent', uuid(round), { name: `p${round}`, children: [uuid(200 + round)] });
            }),
          ),
        );
      expect([...both[0]!.tables.Parent.rows()].length).toBe(20);
    });

    test('a change of a row that another has just deleted makes it anew', async () => {
      const [a, b] = [await connect(), await connect()];
      for (let round = 1; round <= 20; round++) {
        await a.change((t) => t.put('Parent', uuid(round), { name: 'old' }));
        await Promise.all([
          a.change((t) => t.delete('Parent', uuid(round))),
          b.change((t) => t.put('Parent', uuid(round), { name: 'new' })),
        ]);
        const rows = [a.tables.Parent.get(uuid(round)), b.tables.Parent.get(uuid(round))];
        // b wins whole, or a deletes what b wrote: never half a row, never an error
        for (const row of rows) expect([undefined, 'new']).toContain(row?.name);
      }
    });

    test('a set of a row that is not there is a conflict and changes nothing', async () => {
      const client = await connect();
      const change = client.change((t) => {
        t.put('Parent', uuid(2), { name: 'made along' });
        t.put('Child', uuid(3), { name: 'c' });
        t.include('Parent', uuid(1), 'children', uuid(3));
      });
      await expect(change).rejects.toMatchObject({ kind: 'conflict' });
      expect(client.tables.Parent.get(uuid(2))).toBeUndefined();
    });

    test('a refusal keeps its code', async () => {
      const client = await connect();
      const change = client.change((t) => t.deleteWhere('Parent', [['nonsense', '==', 'x']]));
      await expect(change).rejects.toMatchObject({ name: 'OvsdbError', code: 'unknown column' });
    });

    test('it reconnects after kill -9, tells what changed meanwhile, and says unavailable until then', async () => {
      const client = await connect();
      const heard: unknown[] = [];
      const declare = () => client.change((t) => t.put('Parent', uuid(1), { name: 'kept' }));
      await declare();
      client.onChange('Parent', ({ before, after }) => heard.push([before?.name, after?.name]));
      await kill();
      await expect.poll(() => client.connected).toBe(false);
      await expect(declare()).rejects.toMatchObject({ kind: 'unavailable' });
      expect(client.tables.Parent.get(uuid(1))?.name).toBe('kept');
      start();
      const writer = await connect();
      await writer.change((t) => t.put('Parent', uuid(2), { name: 'new' }));
      await client.ready(5000);
      await expect.poll(() => heard).toEqual([[undefined, 'new']]);
      await declare();
    });

    test('control sockets of daemons speak the same protocol', async () => {
      await connect();
      expect(await unixctl(join(directory, 'ctl'), 'version')).toContain('ovsdb-server');
      await expect(unixctl(join(directory, 'ctl'), 'nonsense')).rejects.toThrow('not a valid command');
      await expect(unixctl(join(directory, 'nowhere'), 'version')).rejects.toMatchObject({
        kind: 'unavailable',
      });
    });
  },
);
