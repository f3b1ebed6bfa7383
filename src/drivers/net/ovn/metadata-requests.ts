import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import type { MetadataAnswer } from '#contracts/metadata.ts';

import type { MetadataHandler } from '../driver.ts';

/** What one network's guests can take up of the agent. Times in milliseconds, sizes in bytes. */
export const metadataLimits = {
  maxHeaderSize: 8 << 10,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxConnections: 64,
};
const maxBody = 64 << 10;
const answerWithinMs = 15_000;
const lingerMs = 1_000;

const plainText = 'text/plain; charset=UTF-8';
const tooLate: MetadataAnswer = {
  status: 504,
  contentType: plainText,
  body: Buffer.from('Gateway Timeout'),
};
const tooLarge: MetadataAnswer = {
  status: 413,
  contentType: plainText,
  body: Buffer.from('Content Too Large'),
};

/** Headers by which proxies say who asks. Guests are not proxies. */
const claims =
  /^(x-forwarded|forwarded$|x-real-ip$|x-instance-id|x-tenant-id$|x-ovn-|x-neutron-|x-metadata-)/;

/** Answers one request of a guest; who asks is known by the network it came through and the address it came from. */
export async function answerMetadata(
  networkId: string,
  request: IncomingMessage,
  reply: ServerResponse,
  answer: MetadataHandler,
): Promise<void> {
  const sent = await read(request);
  const { status, contentType, body } = sent
    ? await inTime(
        answer({
          networkId,
          sourceAddress: request.socket.remoteAddress ?? '',
          method: request.method ?? 'GET',
          path: request.url ?? '/',
          headers: headersOf(request),
          ...(sent.length > 0 && { body: sent }),
        }),
      )
    : tooLarge;
  reply.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': body.byteLength,
    ...(status === 413 && { Connection: 'close' }),
  });
  reply.end(request.method === 'HEAD' ? undefined : body);
}

/** By the code of an error of Node's parser: the status of its answer. */
const statusOfError: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what is no request, comes too slowly, or has too large a head. A connection that is closed while bytes are on
 * their way is reset, and the answer lost with it: what still comes is read for a moment, and dropped.
 */
export function refuseUnparsed({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  // dropped bytes are errors as well
  if (!socket.writable) return;
  const status = statusOfError[code] ?? 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

/** The body; undefined when it is larger than anything metadata takes. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > maxBody) return undefined;
  }
  return Buffer.concat(chunks);
}

async function inTime(answer: Promise<MetadataAnswer>): Promise<MetadataAnswer> {
  const patience = new AbortController();
  try {
    const late = sleep(answerWithinMs, tooLate, { signal: patience.signal });
    return await Promise.race([answer, late]);
  } finally {
    patience.abort();
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !claims.test(name)) headers[name] = String(value);
  return headers;
}
