import { rule } from '#kit/auth/policy.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { anyone } from '../policy.ts';
import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';
import { knownExtensions } from './known.ts';

const endpoint = endpointOf<Compute>();

/** nova/policies/extensions.py */
export const extensionPolicies = [
  rule('os_compute_api:extensions', anyone, 'List and show extensions.', ['project']),
];

const extensions = knownExtensions.map(([alias, name, description]) => ({
  alias,
  name,
  description,
  links: [],
  // what Nova says of all of them since they stopped meaning anything
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
}));

/** https://docs.openstack.org/api-ref/compute/#extensions-extensions-deprecated */
export const extensionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/extensions',
    policy: 'os_compute_api:extensions',
    query: noQuery,
    status: 200,
    handler: () => ({ extensions }),
  }),

  endpoint({
    method: 'GET',
    path: '/extensions/{alias}',
    policy: 'os_compute_api:extensions',
    query: noQuery,
    status: 200,
    handler: ({ params }) => {
      const extension = extensions.find((e) => e.alias === params.alias);
      if (!extension) throw notFound('The resource could not be found.');
      return { extension };
    },
  }),
];
