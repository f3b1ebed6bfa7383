import { badRequest, CloudError, notAcceptable, unsupportedMediaType } from '#kit/errors/cloud-error.ts';
import { acceptedOf } from '#kit/http/accept.ts';
import type { Call } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import type { Placement } from './service.ts';

/** A call of any endpoint, for what does not look at parameters or bodies. */
export type AnyCall = Pick<Call<Placement>, 'request' | 'atLeast' | 'service'>;

const json = 'application/json';

/** What endpoints that answer JSON check first: 406 for a caller who does not accept it. */
export function answersJson({ request }: AnyCall): void {
  checkContentType(request.headers);
  if (acceptedOf(request.headers.accept, [json]).length === 0)
    throw notAcceptable('Only application/json is provided');
}

/** What endpoints that take JSON check first: 415 for another or no media type. */
export function takesJson({ request }: AnyCall): void {
  checkContentType(request.headers);
  const type = request.headers['content-type']?.split(';')[0]?.trim();
  if (type !== json)
    throw unsupportedMediaType(`The media type ${type ?? 'None'} is not supported, use application/json`);
}

function checkContentType(headers: AnyCall['request']['headers']): void {
  if (Number(headers['content-length'] ?? 0) > 0 && !headers['content-type'])
    throw badRequest('content-type header required when content-length > 0');
}

/** Refuses a method that a path has in later microversions only. */
export function allowedSince(call: AnyCall, version: '1.5'): void {
  if (!call.atLeast(version)) throw new CloudError('methodNotAllowed', '');
}

/** The header that tells where something new is found; webob makes it absolute. */
export const locationOf = ({ request }: AnyCall, path: string) => ({ location: request.origin + path });

/** An answer with the caching headers microversion 1.15 brought; without a time it was modified just now. */
export function answer(
  call: AnyCall,
  body: unknown,
  options: { modified?: number | undefined; status?: number; headers?: Record<string, string> } = {},
) {
  const modified = options.modified ?? call.service.clock.now();
  return reply(body, {
    ...(options.status !== undefined && { status: options.status }),
    headers: {
      ...options.headers,
      ...(call.atLeast('1.15') && {
        'cache-control': 'no-cache',
        'last-modified': new Date(modified).toUTCString(),
      }),
    },
  });
}

/** The newest of the times things were last modified; undefined when there are none. */
export const newest = (
  things: readonly { createdAt: number; updatedAt?: number | null }[],
): number | undefined =>
  things.length === 0 ? undefined : Math.max(...things.map((t) => t.updatedAt ?? t.createdAt));
