import { endpointOf, type RequestInfo } from '#kit/http/endpoint.ts';

import type { Image } from '../service.ts';

const endpoint = endpointOf<Image>();

/**
 * Minor versions whose additions are served, the newest first. 2.14 and 2.16 to 2.18 are the image cache and the locations
 * API, which are not.
 */
const minors = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

const versionsOf = ({ origin }: RequestInfo) => ({
  versions: minors.map((minor, i) => ({
    id: `v2.${minor}`,
    status: i === 0 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${origin}/v2/` }],
  })),
});

/** The version document, open to all (glance/api/versions.py). */
export const discoveryEndpoints = (['GET', 'HEAD'] as const).flatMap((method) => [
  endpoint({
    method,
    path: '/',
    auth: 'none',
    policy: null,
    status: 300,
    handler: ({ request }) => versionsOf(request),
  }),
  endpoint({
    method,
    path: '/versions',
    auth: 'none',
    policy: null,
    status: 200,
    handler: ({ request }) => versionsOf(request),
  }),
]);

const served = new Set(['v2', ...minors.map((minor) => `v2.${minor}`)]);
const elsewhere = new Set(['', 'versions', 'healthcheck', 'metrics']);

/** Any served version leads to the one API; what is no version at all, to the version document. */
export function rewriteVersion(url: string): string {
  const [, first = '', rest = ''] = /^\/+([^/?]*)(.*)$/s.exec(url) ?? [];
  if (served.has(first)) return `/v2${rest}`;
  return elsewhere.has(first) ? url : '/';
}
