import { endpointOf } from '#kit/http/endpoint.ts';

import { imageFor, targetOf } from '../images/lookup.ts';
import type { Image } from '../service.ts';
import { checkImportable, checkStores, readImport } from './request.ts';
import { startImport } from './start.ts';

const endpoint = endpointOf<Image>();

/** https://docs.openstack.org/api-ref/image/v2/#interoperable-image-import */
export const importEndpoints = [
  endpoint({
    method: 'POST',
    path: '/images/{image_id}/import',
    policy: 'modify_image',
    status: 202,
    load: (call) => imageFor(call, 'modify_image', call.params.image_id),
    target: (image, call) => targetOf(image, call.auth),
    body: 'json',
    handler: async (call) => {
      const { service, resource, body, request } = call;
      const wanted = readImport(body, service.options.enabled_import_methods);
      await service.quotas.check(resource.owner, { image_size_total: 0 });
      checkImportable(resource, wanted.method);
      checkStores(wanted, request.headers['x-image-meta-store']);
      await startImport(service, resource, wanted, call);
    },
  }),

  endpoint({
    method: 'GET',
    path: '/info/import',
    policy: null,
    status: 200,
    handler: ({ service }) => ({
      'import-methods': {
        description: 'Import methods available.',
        type: 'array',
        value: service.options.enabled_import_methods,
      },
    }),
  }),
];
