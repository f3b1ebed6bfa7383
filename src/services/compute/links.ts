import type { RequestInfo } from '#kit/http/endpoint.ts';

/** A link as every resource has it. */
export interface Link {
  readonly rel: string;
  readonly href: string;
}

/** Where the API the caller used begins: `http://host:8774/v2.1`. */
export const apiRoot = (request: RequestInfo): string =>
  `${request.origin}${request.url.startsWith('/v2/') ? '/v2' : '/v2.1'}`;

/** `self`, and the permanent link that does not name a version. */
export const linksTo = (request: RequestInfo, collection: string, id: string): Link[] => [
  { rel: 'self', href: `${apiRoot(request)}/${collection}/${id}` },
  { rel: 'bookmark', href: `${request.origin}/${collection}/${id}` },
];

/**
 * The link to the next page of `collection`, beside a page that is full; nothing beside others.
 * `path` stands under the API's root, e.g. `flavors/detail`.
 */
export function nextLink(
  request: RequestInfo,
  path: string,
  page: { limit: number },
  ids: readonly string[],
): Link[] | undefined {
  if (page.limit === 0 || ids.length < page.limit) return undefined;
  const query = new URLSearchParams(request.url.split('?')[1]);
  query.delete('marker');
  query.append('marker', ids.at(-1)!);
  return [{ rel: 'next', href: `${apiRoot(request)}/${path}?${query.toString()}` }];
}
