import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { expect, test } from 'vitest';

import { listeners } from './listeners.ts';
import { commandOf } from './proc.ts';

test.each(['127.0.0.1', '::1', '::'])('the owner of a port on %s is found', async (address) => {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { pid } = process;
  expect(listeners([port])).toEqual([{ port, address, pid, command: commandOf(pid) }]);
  server.close();
  await once(server, 'close');
  expect(listeners([port])).toEqual([]);
});

test('a port that two listen on has two owners', async () => {
  const first = createServer().listen(0, '127.0.0.1');
  await once(first, 'listening');
  const { port } = first.address() as AddressInfo;
  const second = createServer().listen(port, '127.0.0.2');
  await once(second, 'listening');
  expect(
    listeners([port])
      .map(({ address }) => address)
      .sort(),
  ).toEqual(['127.0.0.1', '127.0.0.2']);
  first.close();
  second.close();
});
