import { isKind, notFound, overQuota } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { checkTagCount } from '../images/attributes.ts';
import { imageFor, targetOf } from '../images/lookup.ts';
import type { Image } from '../service.ts';

const endpoint = endpointOf<Image>();

/** https://docs.openstack.org/api-ref/image/v2/#image-tags */
export const tagEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/tags/{tag}',
    policy: 'modify_image',
    status: 204,
    load: (call) => imageFor(call, 'modify_image', call.params.image_id, missing(call.params.image_id)),
    target: (image, call) => targetOf(image, call.auth),
    handler: async ({ service, resource, params }) => {
      const { tag } = params;
      service.imageSchema.check({ tags: [tag] });
      const changed = await service.images.change(resource.id, ({ id, tags }) => {
        if (tags.includes(tag)) return undefined;
        const more = [...tags, tag];
        try {
          checkTagCount(more, service.options);
        } catch (error) {
          if (!isKind(error, 'overQuota')) throw error;
          throw overQuota(`Image tag limit exceeded for image ${id}: ${error.message}:`);
        }
        return { tags: more };
      });
      if (!changed) throw notFound(missing(resource.id));
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/images/{image_id}/tags/{tag}',
    policy: 'modify_image',
    status: 204,
    load: (call) => imageFor(call, 'modify_image', call.params.image_id, missing(call.params.image_id)),
    target: (image, call) => targetOf(image, call.auth),
    handler: async ({ service, resource, params }) => {
      const { tag } = params;
      const changed = await service.images.change(resource.id, ({ tags }) => {
        if (!tags.includes(tag)) throw notFound('The resource could not be found.');
        return { tags: tags.filter((other) => other !== tag) };
      });
      if (!changed) throw notFound(missing(resource.id));
    },
  }),
];

const missing = (id: string): string => `Image ${id} not found.`;
