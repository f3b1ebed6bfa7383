import { endpointOf } from '#kit/http/endpoint.ts';

import { hidden } from '../errors.ts';
import type { Network } from '../service.ts';

const endpoint = endpointOf<Network>();

/** Resources the version document names; everything else is found by its extension. */
const coreResources = [
  { name: 'network', collection: 'networks' },
  { name: 'subnet', collection: 'subnets' },
  { name: 'subnetpool', collection: 'subnetpools' },
  { name: 'port', collection: 'ports' },
];

/** Version discovery, at the root. */
export const versionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/',
    auth: 'none',
    policy: null,
    status: 200,
    handler: ({ request }) => ({
      versions: [
        { id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${request.origin}/v2.0/` }] },
      ],
    }),
  }),
];

/** What is under `/v2.0/`. */
export const resourcesEndpoints = [
  endpoint({
    method: 'GET',
    path: '/',
    policy: null,
    status: 200,
    handler: ({ request }) => {
      // pecan's controller takes only the path with the slash
      if (!request.url.startsWith('/v2.0/')) throw hidden();
      return {
        resources: coreResources.map(({ name, collection }) => ({
          name,
          collection,
          links: [{ rel: 'self', href: `${request.origin}/v2.0/${collection}` }],
        })),
      };
    },
  }),
];

/** Neutron takes `/v2.0/networks.json` for `/v2.0/networks`, as its oldest clients ask; a tag may end like that, too. */
export const withoutExtension = (url: string): string =>
  url.includes('.json') && !url.includes('/tags/') ? url.replace(/^([^?]*)\.json(?=\?|$)/, '$1') : url;
