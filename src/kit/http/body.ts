import type { IncomingMessage } from 'node:http';

import { badRequest, type CloudError, tooLarge, unsupportedMediaType } from '../errors/cloud-error.ts';
import { requireStorableBody } from './storable.ts';

const oneMiB = 1 << 20;

/** Levels that a body may be nested: no request has as many, and what walks a body by recursion bears some thousands. */
const mostLevels = 500;

/** How a JSON body may come. */
export interface BodyRules {
  /** Most bytes taken; default 1 MiB. */
  limit?: number;
  /** Media types taken besides `application/json`. */
  consumes?: readonly string[];
  /** The error for what is not JSON; left out, `badRequest`. */
  malformed?: ((cause: Error) => CloudError) | undefined;
}

/**
 * Reads and parses a JSON body. Throws `unsupportedMediaType` for another media type, `tooLarge` past the limit and
 * `badRequest` for what is not JSON, is nested without end, or cannot be stored. An empty body is undefined.
 */
export async function readJson(message: IncomingMessage, rules: BodyRules = {}): Promise<unknown> {
  const type = message.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type && type !== 'application/json' && !rules.consumes?.includes(type) && hasBody(message)) {
    throw unsupportedMediaType(`Unsupported Content-Type ${type}`);
  }
  const text = (await readBytes(message, rules.limit ?? oneMiB)).toString('utf8');
  if (text.trim() === '') return undefined;
  let body: unknown;
  try {
    body = parse(text);
  } catch (cause) {
    throw (
      rules.malformed?.(cause as Error) ??
      badRequest('Malformed request body: it is not valid JSON', undefined, cause)
    );
  }
  requireStorableBody(body, text);
  return body;
}

function parse(text: string): unknown {
  const body: unknown = JSON.parse(text);
  // every level takes two characters, so that most bodies need not be looked at
  if (text.length > 2 * mostLevels && isDeeper(body, mostLevels))
    throw new SyntaxError(`more than ${mostLevels} levels`);
  return body;
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

/** Whether the request announces a body of at least one byte. */
export const hasBody = (message: IncomingMessage): boolean =>
  message.headers['transfer-encoding'] !== undefined || Number(message.headers['content-length'] ?? 0) > 0;

/** Reads a whole body of at most `limit` bytes. */
async function readBytes(message: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > limit) throw bodyTooLarge(limit);
  if (!hasBody(message)) return Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        message.removeAllListeners('data');
        reject(bodyTooLarge(limit));
      } else chunks.push(chunk);
    });
    message.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    message.on('error', (cause) => reject(badRequest('The request body ended early', undefined, cause)));
  });
}

const bodyTooLarge = (limit: number) => tooLarge(`Request is too large: more than ${limit} bytes.`);
