import type { RequestInfo } from '#kit/http/endpoint.ts';

import type { ListQuery } from './query.ts';

interface Link {
  readonly rel: 'next' | 'previous';
  readonly href: string;
}

/** The `next` and `previous` links beside a page, as Neutron decides them from how full the page is. */
export function pageLinks(request: RequestInfo, ids: readonly string[], query: ListQuery): Link[] {
  const { limit, reverse } = query;
  if (limit === undefined) return [];
  const short = ids.length < limit;
  const links: Link[] = [];
  if (!short || reverse) links.push({ rel: 'next', href: pageUrl(request, ids.at(-1), false) });
  if (!short || !reverse) links.push({ rel: 'previous', href: pageUrl(request, ids[0], true) });
  return links;
}

function pageUrl(request: RequestInfo, marker: string | undefined, reverse: boolean): string {
  const [path, search = ''] = request.url.split('?');
  const params = new URLSearchParams(search);
  params.delete('marker');
  if (marker !== undefined) params.append('marker', marker);
  params.delete('page_reverse');
  if (reverse) params.append('page_reverse', 'True');
  return `${request.origin}${path}?${params.toString()}`;
}
