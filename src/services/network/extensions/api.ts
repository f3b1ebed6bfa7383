import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import type { Network } from '../service.ts';
import { type Extension, extensions } from './catalog.ts';

const endpoint = endpointOf<Network>();

const view = (extension: Extension) => ({ ...extension, links: [] });

/** https://docs.openstack.org/api-ref/network/v2/#extensions */
export const extensionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/extensions',
    policy: null,
    status: 200,
    handler: () => ({ extensions: extensions.map(view) }),
  }),
  endpoint({
    method: 'GET',
    path: '/extensions/{alias}',
    policy: null,
    status: 200,
    handler: ({ params }) => {
      const found = extensions.find((extension) => extension.alias === params.alias);
      if (!found)
        throw notFound(`Extension with alias ${params.alias} does not exist`, { type: 'HTTPNotFound' });
      return { extension: view(found) };
    },
  }),
];
