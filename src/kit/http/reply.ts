import type { Readable } from 'node:stream';

import type { FileRange } from './file-range.ts';

/** An answer a handler gives when a plain body with the endpoint's own status is not enough. */
export class Reply {
  readonly body: unknown;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: unknown, options: { status?: number; headers?: Record<string, string> } = {}) {
    this.body = body;
    this.status = options.status;
    this.headers = options.headers ?? {};
  }
}

/** Answers with `body` and these headers or this status. */
export const reply = (
  body: unknown,
  options: { status?: number; headers?: Record<string, string> } = {},
): Reply => new Reply(body, options);

/** Bytes or text sent as they are, under a content type of their own. */
export class RawBody {
  readonly content: string | Uint8Array | Readable | FileRange;
  readonly contentType: string;
  constructor(content: string | Uint8Array | Readable | FileRange, contentType: string) {
    this.content = content;
    this.contentType = contentType;
  }
}

/** JSON that was serialized already, e.g. from a cache. */
export const rawJson = (text: string): RawBody => new RawBody(text, 'application/json');
