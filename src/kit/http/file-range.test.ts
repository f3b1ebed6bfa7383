import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FileRange, sendFileRange } from './file-range.ts';

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('file ranges', () => {
  const content = randomBytes(5 * (1 << 20) + 123);
  let directory: string;
  let path: string;
  let server: Server;
  let url: string;
  const ended: Promise<void>[] = [];
  /** Of the file being sent. */
  let bytesRead = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stratalith-range-'));
    path = join(directory, 'file');
    await writeFile(path, content);
    server = createServer(async (request, response) => {
      const [offset, length] = request.url!.slice(1).split('-').map(Number) as [number, number];
      response.writeHead(200, { 'content-length': String(length) });
      const file = await open(path);
      const read = file.read.bind(file);
      bytesRead = 0;
      file.read = (async (...args: Parameters<typeof read>) => {
        const result = await read(...args);
        bytesRead += result.bytesRead;
        return result;
      }) as typeof file.read;
      ended.push(sendFileRange(response, new FileRange(file, offset, length)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  test.each([
    [0, content.length],
    [0, 0],
    [7, 1],
    [1 << 20, (1 << 20) + 1],
    [content.length - 5, 5],
  ])('from %i, %i bytes', async (offset, length) => {
    const answer = await fetch(`${url}/${offset}-${length}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(sha(bytes)).toBe(sha(content.subarray(offset, offset + length)));
  });

  test('a file that is too short cuts the connection', async () => {
    await expect(fetch(`${url}/0-${content.length + 1}`).then((a) => a.arrayBuffer())).rejects.toThrow();
  });

  test('a client that goes away holds nothing up', async () => {
    const before = ended.length;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`GET /0-${content.length} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    expect(ended.length).toBe(before + 1);
    await ended.at(-1);
    await truncate(path, content.length);
  });

  test('no more is read than a slow client takes', async () => {
    const size = 1 << 27;
    await truncate(path, size);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let taken = 0;
    socket.on('data', (chunk) => (taken += chunk.length));
    socket.write(`GET /0-${size} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    // what the kernel's buffers hold of a connection is far less
    let read = 0;
    await expect.poll(() => read === (read = bytesRead), { interval: 100, timeout: 10_000 }).toBe(true);
    expect(read - taken).toBeLessThan(size / 4);
    socket.resume();
    await Promise.all([new Promise((resolve) => socket.once('close', resolve)), ended.at(-1)]);
    expect(taken).toBeGreaterThan(size);
    expect(bytesRead).toBe(size);
    await truncate(path, content.length);
  });
});
