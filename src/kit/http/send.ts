import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { CloudError } from '../errors/cloud-error.ts';
import type { Api, FaultFormat } from './api.ts';
import { hasBody } from './body.ts';
import { FileRange, sendFileRange } from './file-range.ts';
import { type VersionNumber, versionHeaders } from './microversion.ts';
import { RawBody, Reply } from './reply.ts';
import { isWaiting, type Request } from './request.ts';

/** Writes what a handler answered. Streams are sent with back-pressure; an empty answer has no body at all. */
export async function send(
  response: ServerResponse,
  result: unknown,
  defaultStatus: number,
  headers: Record<string, string>,
  headOnly: boolean,
): Promise<void> {
  const answer = result instanceof Reply ? result : undefined;
  const status = answer?.status ?? defaultStatus;
  const body = answer ? answer.body : result;
  const all = answer ? { ...headers, ...answer.headers } : headers;
  if (body === undefined || body === null) {
    response.writeHead(status, status === 204 || status === 304 ? all : { 'content-length': '0', ...all });
    response.end();
    return;
  }
  const raw = body instanceof RawBody ? body : new RawBody(JSON.stringify(body), 'application/json');
  if (raw.content instanceof Readable) {
    await sendStream(response, raw.content, status, { 'content-type': raw.contentType, ...all }, headOnly);
    return;
  }
  const length = typeof raw.content === 'string' ? Buffer.byteLength(raw.content) : raw.content.length;
  response.writeHead(status, { 'content-type': raw.contentType, 'content-length': String(length), ...all });
  if (!(raw.content instanceof FileRange)) {
    response.end(headOnly ? undefined : raw.content);
  } else if (headOnly) {
    response.end();
    await raw.content.file.close();
  } else await sendFileRange(response, raw.content);
}

async function sendStream(
  response: ServerResponse,
  stream: Readable,
  status: number,
  headers: Record<string, string>,
  headOnly: boolean,
): Promise<void> {
  response.writeHead(status, headers);
  if (headOnly) {
    stream.destroy();
    response.end();
    return;
  }
  // once the head is out a failure can only cut the connection, which pipeline does
  await pipeline(stream, response).catch(() => response.destroy());
}

/** A request that is refused. */
export interface Refusal {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: Request;
  readonly version?: VersionNumber | undefined;
  /** Renders the fault in place of the service's format. */
  readonly render?: FaultFormat['render'];
  readonly authUri: string;
}

/** Writes a fault in the service's own format; 401 is worded by keystonemiddleware everywhere. */
export function sendFault(api: Api<never>, error: CloudError, refusal: Refusal): void {
  const { message, response, request } = refusal;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const render = refusal.render ?? api.faults.render;
  const fault = render(error, {
    requestId: request.id,
    method: request.method,
    url: request.url,
    origin: request.origin,
    version: refusal.version,
    acceptsHtml: message.headers.accept?.includes('text/html') ?? false,
    accept: message.headers.accept,
    contentType: message.headers['content-type'],
  });
  const headers: Record<string, string> = {
    'content-type': fault.contentType,
    'content-length': String(Buffer.byteLength(fault.body)),
    'x-openstack-request-id': request.id,
    ...api.headers?.(request.id),
    ...(api.microversions &&
      refusal.version !== undefined &&
      versionHeaders(api.microversions, refusal.version)),
    ...(fault.status === 401 && { 'www-authenticate': `Keystone uri="${refusal.authUri}"` }),
    ...error.details.headers,
    ...fault.headers,
  };
  const isUnread = hasBody(message) && !message.complete;
  // whoever waits for leave to send does not get it: what would come on this connection next cannot be known
  if (isUnread && isWaiting(message)) headers.connection = 'close';
  response.writeHead(fault.status, headers);
  response.end(request.method === 'HEAD' ? undefined : fault.body);
  if (isUnread && !isWaiting(message)) discard(message);
}

const discardMs = 30_000;

/**
 * Takes a body that nobody wants. Many clients look at the answer only after they sent all of it: to close the connection
 * before would keep the answer from them. One that goes on for longer than this is cut off.
 */
function discard(message: IncomingMessage): void {
  const timer = setTimeout(() => message.destroy(), discardMs).unref();
  message.once('close', () => clearTimeout(timer));
  message.on('error', () => {});
  message.resume();
}

/** The body keystonemiddleware answers in front of every service. */
export const unauthorizedBody = (message: string): string =>
  JSON.stringify({ error: { code: 401, title: 'Unauthorized', message } });
