import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { QmpClient } from './client.ts';
import { QmpReader } from './messages.ts';

const directory = temporaryDirectory();
const path = join(directory, 'qmp.sock');
const greeting = { QMP: { version: { qemu: { major: 7, minor: 2, micro: 1 } }, capabilities: [] } };
const stamp = { timestamp: { seconds: 1, microseconds: 2 } };

interface Command {
  execute: string;
  arguments?: unknown;
  id: number;
}
let server: Server;
let peer: Socket;
afterEach(() => {
  peer.destroy();
  server.close();
  rmSync(path, { force: true });
});

/** A QEMU that says what the test tells it to. */
async function fakeQemu(answer: (command: Command) => object | undefined): Promise<QmpClient> {
  server = createServer((socket) => {
    peer = socket;
    say(greeting);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const command = JSON.parse(line) as Command;
        const said = command.execute === 'qmp_capabilities' ? { return: {} } : answer(command);
        if (said) say({ ...said, id: command.id });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return QmpClient.connect(path);
}
const say = (message: object) => peer.write(`${JSON.stringify(message)}\r\n`);

test('commands are answered, also out of order, and errors keep their class', async () => {
  const held: Command[] = [];
  const client = await fakeQemu((command) => {
    if (command.execute === 'device_del') return { error: { class: 'DeviceNotFound', desc: 'no such nic' } };
    held.push(command);
    return undefined;
  });
  expect(client.version).toEqual({ major: 7, minor: 2, micro: 1 });
  const first = client.execute('query-status', undefined);
  const second = client.execute('query-machines', undefined);
  await expect(client.execute('device_del', { id: 'nic' })).rejects.toMatchObject({
    class: 'DeviceNotFound',
    message: 'device_del: no such nic',
  });
  say({ return: [{ name: 'q35' }], id: held[1]!.id });
  say({ return: { status: 'running', running: true }, id: held[0]!.id });
  expect(await second).toEqual([{ name: 'q35' }]);
  expect(await first).toEqual({ status: 'running', running: true });
  client.close();
});

test('events are heard and waited for', async () => {
  const client = await fakeQemu(() => ({ return: {} }));
  const heard: string[] = [];
  client.onEvent(({ event }) => heard.push(event));
  const waiting = client.waitFor(
    ({ event, data }) => event === 'DEVICE_DELETED' && data?.device === 'b',
    5000,
  );
  say({ event: 'DEVICE_DELETED', data: { device: 'a' }, ...stamp });
  say({ event: 'DEVICE_DELETED', data: { device: 'b' }, ...stamp });
  expect((await waiting)?.data).toEqual({ device: 'b' });
  expect(await client.waitFor(() => true, 1)).toBeUndefined();
  expect(heard).toEqual(['DEVICE_DELETED', 'DEVICE_DELETED']);
  client.close();
});

test('the end of QEMU fails what is outstanding and resolves closed', async () => {
  const client = await fakeQemu(() => undefined);
  const stop = client.execute('stop', undefined);
  const event = client.waitFor(() => true, 60_000);
  setTimeout(() => peer.destroy(), 5);
  await expect(stop).rejects.toMatchObject({ name: 'QmpLost' });
  await client.closed;
  expect(await event).toBeUndefined();
  await expect(client.execute('cont', undefined)).rejects.toMatchObject({ name: 'QmpLost' });
});

test('a socket nobody listens on is told at once', async () => {
  await expect(QmpClient.connect(join(directory, 'nobody'))).rejects.toMatchObject({ name: 'QmpLost' });
});

test('messages are found wherever the stream is cut', () => {
  const bytes = Buffer.from('{"return":{"a":"é"},"id":1}\r\n\r\n{"event":"STOP"}\r\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new QmpReader();
    const messages = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
    expect(messages).toEqual([{ return: { a: 'é' }, id: 1 }, { event: 'STOP' }]);
  }
});
