import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { apiRoot } from '../links.ts';
import type { Compute } from '../service.ts';
import { v20, v21, viewVersion, viewVersionBriefly } from './view.ts';

const endpoint = endpointOf<Compute>();
const open = { auth: 'none', policy: null, status: 200 } as const;
const methods = ['GET', 'HEAD'] as const;

/** What anybody may ask before they have a token. https://docs.openstack.org/api-ref/compute/#api-versions */
export const discoveryEndpoints = methods.flatMap((method) => [
  endpoint({
    ...open,
    method,
    path: '/',
    handler: ({ request }) => ({ versions: [v20, v21].map((major) => viewVersionBriefly(major, request)) }),
  }),
  ...[v20, v21].flatMap((major) =>
    [`/${major.path}`, `/${major.path}/`].map((path) =>
      endpoint({
        ...open,
        method,
        path,
        handler: ({ request }) => ({ version: viewVersion(major, request) }),
      }),
    ),
  ),
]);

/** The same under the API itself, where a token is needed. */
export const versionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/versions/{id}',
    policy: null,
    status: 200,
    handler: ({ request, params }) => {
      // the old API knows only itself, by whatever name
      const major = apiRoot(request).endsWith('/v2') ? v20 : [v20, v21].find((m) => m.id === params.id);
      if (!major) throw notFound('The resource could not be found.');
      return { version: viewVersion(major, request) };
    },
  }),
];
