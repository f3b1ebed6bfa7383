import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect as connectToBroker } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { rabbitmqInstalled, type RabbitServer, startRabbit } from '#test/support/rabbitmq.ts';

import { conflict, isKind } from '../errors/cloud-error.ts';
import { AmqpBus } from './amqp.ts';
import { type Bus, goneTopic } from './bus.ts';
import { MemoryBus } from './memory.ts';
import { UnixBus, UnixBusHub } from './unix.ts';
import { encode, FrameReader } from './wire.ts';

/** Two ends of one bus, and a way to make a third. */
interface Ends {
  a: Bus;
  b: Bus;
  third(): Promise<Bus>;
}

function contract(name: string, connect: () => Promise<Ends>, cleanUp: () => Promise<void>): void {
  describe(`bus over ${name}`, () => {
    afterEach(cleanUp);

    test('a call is answered, bytes and all', async () => {
      const { a, b } = await connect();
      await b.serve('host1', {
        echo: (args: { n: number; data: Uint8Array }) => ({ n: args.n + 1, data: args.data.subarray(1) }),
      });
      const answer = await a.call<{ n: number; data: Uint8Array }>('host1', 'echo', {
        n: 1,
        data: Buffer.from('xyz'),
      });
      expect([answer.n, Buffer.from(answer.data).toString()]).toEqual([2, 'yz']);
    });

    test('calls go both ways and between other ends', async () => {
      const { a, b, third } = await connect();
      const c = await third();
      await a.serve('a', { who: () => 'a' });
      await b.serve('b', { who: () => 'b' });
      expect(
        await Promise.all([
          a.call('b', 'who', {}),
          b.call('a', 'who', {}),
          c.call('b', 'who', {}),
          c.call('a', 'who', {}),
        ]),
      ).toEqual(['b', 'a', 'b', 'a']);
    });

    test('an error keeps its kind and message', async () => {
      const { a, b } = await connect();
      await b.serve('host1', {
        no: () => Promise.reject(conflict('taken')),
        bug: () => {
          throw new TypeError('oops');
        },
        full: () => Promise.reject(Object.assign(new Error('database or disk is full'), { errcode: 13 })),
      });
      const error = await a.call('host1', 'no', {}).catch((e: unknown) => e);
      expect(isKind(error, 'conflict') && error.message).toBe('taken');
      await expect(a.call('host1', 'bug', {})).rejects.toMatchObject({ kind: 'internal', message: 'oops' });
      // it may be tried again
      await expect(a.call('host1', 'full', {})).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test('nobody there, or nobody who knows the method, is unavailable', async () => {
      const { a, b } = await connect();
      await b.serve('host1', {});
      await expect(a.call('nobody', 'x', {})).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(a.call('host1', 'x', {})).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test('a deadline is kept', async () => {
      const { a, b } = await connect();
      await b.serve('host1', { slow: () => sleep(5000, 'late', { ref: false }) });
      await expect(a.call('host1', 'slow', {}, { timeoutMs: 50 })).rejects.toMatchObject({
        kind: 'unavailable',
      });
    });

    test('one key is carried out once; a failure may be repeated', async () => {
      const { a, b } = await connect();
      let runs = 0;
      await b.serve('host1', {
        count: () => ++runs,
        fail: () => Promise.reject(new Error(`failure ${++runs}`)),
      });
      const answers = await Promise.all([1, 2, 3].map(() => a.call('host1', 'count', {}, { key: 'k' })));
      expect(answers).toEqual([1, 1, 1]);
      await expect(a.call('host1', 'fail', {}, { key: 'f' })).rejects.toThrow('failure 2');
      await expect(a.call('host1', 'fail', {}, { key: 'f' })).rejects.toThrow('failure 3');
    });

    test('casts arrive and events reach every subscriber', async () => {
      const { a, b, third } = await connect();
      const c = await third();
      const heard: string[] = [];
      await b.serve('host1', { note: (args: { text: string }) => heard.push(`cast ${args.text}`) });
      await b.subscribe('topic', (event: { n: number }) => heard.push(`b ${event.n}`));
      const stop = await c.subscribe('topic', (event: { n: number }) => heard.push(`c ${event.n}`));
      await a.cast('host1', 'note', { text: 'hi' });
      await a.publish('topic', { n: 1 });
      await expect.poll(() => heard.toSorted()).toEqual(['b 1', 'c 1', 'cast hi']);
      await stop();
      await a.publish('topic', { n: 2 });
      await expect.poll(() => heard.toSorted()).toEqual(['b 1', 'b 2', 'c 1', 'cast hi']);
    });
  });
}

const open: Bus[] = [];
const closeAll = async () => {
  for (const bus of open.splice(0).reverse()) await bus.close();
};
const keep = <B extends Bus>(bus: B): B => {
  open.push(bus);
  return bus;
};

contract(
  'memory',
  async () => {
    const bus = keep(new MemoryBus());
    return { a: bus, b: bus, third: async () => bus };
  },
  closeAll,
);

const directory = mkdtempSync(join(tmpdir(), 'stratalith-bus-'));
const path = join(directory, 'bus.sock');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

contract(
  'a unix socket',
  async () => ({
    a: keep(await UnixBusHub.listen(path)),
    b: keep(await UnixBus.connect(path)),
    third: async () => keep(await UnixBus.connect(path)),
  }),
  closeAll,
);

describe('bus over a unix socket', () => {
  afterEach(closeAll);

  test('an end comes back when the hub does, and serves again', async () => {
    const first = await UnixBusHub.listen(path);
    const agent = keep(await UnixBus.connect(path));
    await agent.serve('host1', { who: () => 'me' });
    await first.close();
    const second = keep(await UnixBusHub.listen(path));
    await expect
      .poll(() => second.call('host1', 'who', {}).catch(() => 'not yet'), { timeout: 5000 })
      .toBe('me');
  });

  test('an end that begins to serve while the hub is away serves when it is back', async () => {
    const first = await UnixBusHub.listen(path);
    const agent = keep(await UnixBus.connect(path));
    await first.close();
    await expect.poll(() => agent.connected).toBe(false);
    await agent.serve('host1', { who: () => 'me' });
    const heard: string[] = [];
    await agent.subscribe('news', (event: string) => heard.push(event));
    const second = keep(await UnixBusHub.listen(path));
    await expect
      .poll(() => second.call('host1', 'who', {}).catch(() => 'not yet'), { timeout: 5000 })
      .toBe('me');
    await second.publish('news', 'it is back');
    await expect.poll(() => heard).toEqual(['it is back']);
  });

  test('an end that loses the hub while it says what it serves comes back once', async () => {
    const ends = new Set<Socket>();
    let lives = true;
    let lost = 0;
    const hub = createServer((end) => {
      const reader = new FrameReader();
      ends.add(end);
      end.on('close', () => ends.delete(end));
      end.on('data', (chunk) => {
        for (const { id = '' } of reader.push(chunk)) if (lives) end.write(encode({ kind: 'answer', id }));
        if (lives) return;
        lives = ++lost === 2;
        end.destroy();
      });
    });
    await new Promise<void>((resolve) => hub.listen(path, resolve));
    const agent = keep(await UnixBus.connect(path));
    await agent.serve('host1', {});
    lives = false;
    for (const end of ends) end.destroy();
    await expect.poll(() => lost).toBe(2);
    await expect.poll(() => ends.size).toBe(1);
    // whoever else still tries to connect has done so by now
    await sleep(500);
    expect(ends.size).toBe(1);
    await agent.close();
    await new Promise((resolve) => hub.close(resolve));
  });

  test('a caller is told at once when the callee dies', async () => {
    const hub = keep(await UnixBusHub.listen(path));
    const agent = await UnixBus.connect(path);
    const called = Promise.withResolvers<void>();
    await agent.serve('host1', {
      hang: () => {
        called.resolve();
        return new Promise(() => {});
      },
    });
    const call = hub.call('host1', 'hang', {});
    await called.promise;
    await agent.close();
    await expect(call).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('the hub tells of ends that stop serving and of ends that die', async () => {
    const hub = keep(await UnixBusHub.listen(path));
    const gone: string[] = [];
    await hub.subscribe(goneTopic, (event: { address: string }) => gone.push(event.address));
    const agent = await UnixBus.connect(path);
    const stop = await agent.serve('host1', {});
    await agent.serve('host2', {});
    await stop();
    await expect.poll(() => gone).toEqual(['host1']);
    await agent.close();
    await expect.poll(() => gone).toEqual(['host1', 'host2']);
    const stopOwn = await hub.serve('own', {});
    await stopOwn();
    expect(gone).toEqual(['host1', 'host2', 'own']);
  });
});

describe.skipIf(!rabbitmqInstalled())('with RabbitMQ (needs the package rabbitmq-server)', () => {
  let server: RabbitServer;
  beforeAll(async () => {
    server = await startRabbit(25_672);
  }, 90_000);
  afterAll(() => server?.stop());
  const connect = async () => keep(await AmqpBus.connect(server.url));
  contract('RabbitMQ', async () => ({ a: await connect(), b: await connect(), third: connect }), closeAll);

  test('what the broker refuses ends the connection, and the next one has everything again', async () => {
    const [a, b] = [await connect(), await connect()];
    await b.serve('host1', { n: () => 1 });
    // somebody made the queue of another kind
    const other = await connectToBroker(server.url);
    const channel = await other.createChannel();
    await channel.assertQueue('stratalith.call.host2', { durable: true });
    await expect(b.serve('host2', { n: () => 2 })).rejects.toThrow('PRECONDITION_FAILED');
    await expect.poll(() => b.connected, { timeout: 10_000 }).toBe(false);
    // it tries again some times meanwhile, and nothing stays of that
    await sleep(500);
    await channel.deleteQueue('stratalith.call.host2');
    await other.close();
    await expect.poll(() => b.connected, { timeout: 10_000 }).toBe(true);
    for (let call = 0; call < 10; call++) expect(await a.call('host1', 'n', {}, { timeoutMs: 5000 })).toBe(1);
    expect(await a.call('host2', 'n', {})).toBe(2);
    await closeAll();
  });
});
