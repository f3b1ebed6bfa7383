import type { RequestInfo } from '#kit/http/endpoint.ts';

/** `links.self` of a resource. */
export const selfLink = (origin: string, collection: string, id: string): string =>
  `${origin}/v3/${collection}/${encodeURIComponent(id)}`;

/** A collection with the links Keystone puts beside it. Lists are not paged: `next` and `previous` are always null. */
export const collection = <const Key extends string, Item>(
  key: Key,
  items: readonly Item[],
  request: RequestInfo,
) => ({
  [key]: items,
  links: { self: request.origin + request.url, previous: null, next: null },
});
