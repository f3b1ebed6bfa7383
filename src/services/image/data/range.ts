import { badRequest, type CloudError, rangeNotSatisfiable } from '#kit/errors/cloud-error.ts';

/** Bytes of an image: from `offset` on, so many. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/**
 * What a request wants of an image of `size` bytes; undefined for all of it. Reads `Range`, and `Content-Range`, which Glance
 * takes in requests for the sake of old clients. Throws `badRequest` for several ranges, `rangeNotSatisfiable` for one that
 * the image does not have.
 */
export function readRange(
  headers: { readonly range?: string | undefined; readonly 'content-range'?: string | undefined },
  size: number,
): Span | undefined {
  if (headers.range !== undefined) return parseRange(headers.range, size);
  if (headers['content-range'] !== undefined) return parseContentRange(headers['content-range'], size);
  return undefined;
}

function parseRange(text: string, size: number): Span {
  if (text.includes(','))
    throw badRequest(
      'Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.',
    );
  const [, first = '', last = ''] = /^bytes *= *(\d*) *- *(\d*)/i.exec(text) ?? [];
  if (first === '' && last === '') throw refusal('Invalid Range header.');
  if (first === '') {
    if (size === 0) throw beyond('Range', size);
    // webob takes the last no bytes for all of them
    const length = Math.min(Number(last) || size, size);
    return { offset: size - length, length };
  }
  const offset = Number(first);
  if (last !== '' && Number(last) < offset) throw refusal('Invalid Range header.');
  if (offset >= size) throw beyond('Range', size);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  return { offset, length: end - offset };
}

function parseContentRange(text: string, size: number): Span {
  const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+|\*)/.exec(text) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first))
    throw refusal('Invalid Content-Range header.');
  const offset = Number(first);
  const stop = Number(last) + 1;
  if (length === '*' && stop > size)
    throw refusal(
      `Invalid stop position in Content-Range header. The stop position MUST be in the inclusive range [0, ${size - 1}].`,
    );
  if (offset >= size) throw beyond('Content-Range', size);
  return { offset, length: Math.min(stop, size) - offset };
}

const beyond = (header: string, size: number): CloudError =>
  refusal(
    `Invalid start position in ${header} header. Start position MUST be in the inclusive range [0, ${size - 1}].`,
  );

/** webob shows these words after its own. */
const refusal = (words: string): CloudError => rangeNotSatisfiable(words, { detail: words });
