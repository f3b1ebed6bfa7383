import { forbidden } from '#kit/errors/cloud-error.ts';
import { type Endpoint, endpointOf } from '#kit/http/endpoint.ts';

import { noSuchImage } from '../images/errors.ts';
import { imageFor, targetOf } from '../images/lookup.ts';
import type { ImageStatus } from '../images/record.ts';
import type { Image } from '../service.ts';

const endpoint = endpointOf<Image>();

/** https://docs.openstack.org/api-ref/image/v2/#deactivate-image: doing either again changes nothing. */
export const actionEndpoints = [
  switching('deactivate', 'active', 'deactivated'),
  switching('reactivate', 'deactivated', 'active'),
];

function switching(action: 'deactivate' | 'reactivate', from: ImageStatus, to: ImageStatus): Endpoint<Image> {
  return endpoint({
    method: 'POST',
    path: `/images/{image_id}/actions/${action}`,
    policy: action,
    status: 204,
    load: (call) => imageFor(call, action, call.params.image_id),
    target: (image, call) => targetOf(image, call.auth),
    handler: async ({ service, resource }) => {
      const changed = await service.images.change(resource.id, ({ status }) => {
        if (status === to) return undefined;
        if (status !== from) throw forbidden(`Not allowed to ${action} image in status '${status}'`);
        return { status: to };
      });
      if (!changed) throw noSuchImage(resource.id);
    },
  });
}
