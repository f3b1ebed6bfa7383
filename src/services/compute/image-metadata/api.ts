import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { findImage } from '../images/find.ts';
import { metadataOf, propertiesOf } from '../images/view.ts';
import type { Compute } from '../service.ts';
import { changeMetadata, checkMetadataQuota } from './change.ts';
import { imageMetadataBody, imageMetadatumBody } from './schema.ts';

const endpoint = endpointOf<Compute>();

const until = '2.38';

/** Images' metadata as Compute changed it until 2.38: https://docs.openstack.org/api-ref/compute/#images-deprecated */
export const imageMetadataEndpoints = [
  endpoint({
    method: 'GET',
    path: '/images/{image_id}/metadata',
    until,
    policy: null,
    status: 200,
    handler: async (call) => ({ metadata: metadataOf(await findImage(call, call.params.image_id)) }),
  }),

  endpoint({
    method: 'POST',
    path: '/images/{image_id}/metadata',
    until,
    policy: null,
    body: imageMetadataBody,
    status: 200,
    handler: async (call) => {
      const image = await findImage(call, call.params.image_id);
      const metadata = { ...propertiesOf(image), ...call.body.metadata };
      await checkMetadataQuota(call, Object.keys(metadata).length);
      return { metadata: metadataOf(await changeMetadata(call, image, metadata)) };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/metadata',
    until,
    policy: null,
    body: imageMetadataBody,
    status: 200,
    handler: async (call) => {
      const image = await findImage(call, call.params.image_id);
      const { metadata } = call.body;
      await checkMetadataQuota(call, Object.keys(metadata).length);
      await changeMetadata(call, image, metadata);
      return { metadata };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/images/{image_id}/metadata/{id}',
    until,
    policy: null,
    status: 200,
    handler: async (call) => {
      const { image_id: imageId, id } = call.params;
      const metadata = metadataOf(await findImage(call, imageId));
      if (!Object.hasOwn(metadata, id)) throw notFound('The resource could not be found.');
      return { meta: { [id]: metadata[id] } };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/metadata/{id}',
    until,
    policy: null,
    body: imageMetadatumBody,
    status: 200,
    handler: async (call) => {
      const { image_id: imageId, id } = call.params;
      const { meta } = call.body;
      if (!Object.hasOwn(meta, id)) throw badRequest('Request body and URI mismatch');
      const image = await findImage(call, imageId);
      const metadata = { ...propertiesOf(image), ...meta };
      await checkMetadataQuota(call, Object.keys(metadata).length);
      await changeMetadata(call, image, metadata);
      return { meta };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/images/{image_id}/metadata/{id}',
    until,
    policy: null,
    status: 204,
    handler: async (call) => {
      const { image_id: imageId, id } = call.params;
      const image = await findImage(call, imageId);
      const metadata = propertiesOf(image);
      if (!Object.hasOwn(metadata, id)) throw notFound('Invalid metadata key');
      const { [id]: _, ...others } = metadata;
      await changeMetadata(call, image, others);
    },
  }),
];
