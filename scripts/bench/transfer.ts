import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

type Headers = Readonly<Record<string, string>>;

const chunkBytes = 1 << 20;

/** Sends a body of so many megabytes; throws unless the answer is 204. */
export async function upload(url: string, headers: Headers, megabytes: number): Promise<void> {
  const chunk = Buffer.alloc(chunkBytes, 'bench');
  const sent = request(url, {
    method: 'PUT',
    headers: {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': String(megabytes * chunkBytes),
    },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  );
  await pipeline(Readable.from(Array.from({ length: megabytes }, () => chunk)), sent);
  const { statusCode } = (await answer).resume();
  if (statusCode !== 204) throw new Error(`upload: ${statusCode}`);
}

/**
 * Fetches a body of so many megabytes and throws it away; throws when it is not that many. Every piece is read into the same
 * memory: what a client spends, the servers lack, who have the same processors.
 */
export function download(url: string, headers: Headers, megabytes: number): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  let left = megabytes * chunkBytes;
  let head: string | undefined = '';
  return new Promise((resolve, reject) => {
    const take = (size: number, buffer: Uint8Array): boolean => {
      left -= size;
      if (head === undefined) return true;
      head += Buffer.from(buffer.buffer, 0, size).toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return true;
      left += end + 4;
      if (!head.startsWith('HTTP/1.1 200 ')) reject(new Error(`download: ${head.slice(0, 300)}`));
      head = undefined;
      return true;
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer: Buffer.allocUnsafeSlow(chunkBytes), callback: take },
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n${lines.join('')}\r\n`,
    );
    socket.once('error', reject);
    socket.once('close', () => {
      if (left === 0) resolve();
      else reject(new Error(`download: ${left} bytes are missing`));
    });
  });
}
