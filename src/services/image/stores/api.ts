import { conflict, forbidden } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { storeId } from '../files/store-id.ts';
import { imageFor, targetOf } from '../images/lookup.ts';
import type { Image } from '../service.ts';

const endpoint = endpointOf<Image>();

const store = { id: storeId, description: 'Files of the machine the service runs on', default: 'true' };

/** https://docs.openstack.org/api-ref/image/v2/#stores: there is one, of files. */
export const storeEndpoints = [
  endpoint({
    method: 'GET',
    path: '/info/stores',
    policy: null,
    status: 200,
    handler: () => ({ stores: [store] }),
  }),

  endpoint({
    method: 'GET',
    path: '/info/stores/detail',
    policy: 'stores_info_detail',
    status: 200,
    handler: ({ service }) => ({
      stores: [
        {
          ...store,
          type: 'file',
          weight: 0,
          properties: { data_dir: service.files.directory, chunk_size: 1 << 20, thin_provisioning: false },
        },
      ],
    }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/stores/{store_id}/{image_id}',
    policy: 'delete_image_location',
    status: 204,
    load: (call) => {
      const { store_id, image_id } = call.params;
      if (store_id !== storeId)
        throw conflict(`The selected store ${store_id} is not available on this node.`);
      return imageFor(call, 'delete_image_location', image_id, `Failed to find image ${image_id}`);
    },
    target: (image, call) => targetOf(image, call.auth),
    handler: (call) => {
      call.enforce('get_image_location', targetOf(call.resource, call.auth));
      if (call.resource.status !== 'active')
        throw conflict("It's not allowed to remove image data from store if image status is not 'active'");
      throw forbidden(
        'Cannot delete image data from the only store containing it. Consider deleting the image instead.',
      );
    },
  }),
];
