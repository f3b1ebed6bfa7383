import { forbidden, isKind } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { nextLink } from '../links.ts';
import { askPeer } from '../peers/ask.ts';
import { pageOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { findImage, imageNotFound, imagePath, listImages } from './find.ts';
import { listImagesQuery } from './schema.ts';
import { viewImage, viewImageBriefly } from './view.ts';

const endpoint = endpointOf<Compute>();

const until = '2.35';

/** Images as Compute showed them until 2.35: https://docs.openstack.org/api-ref/compute/#images-deprecated */
export const imageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/images',
    until,
    policy: null,
    query: listImagesQuery,
    status: 200,
    handler: (call) => imagesPage(call, 'images', viewImageBriefly),
  }),

  endpoint({
    method: 'GET',
    path: '/images/detail',
    until,
    policy: null,
    query: listImagesQuery,
    status: 200,
    handler: (call) => imagesPage(call, 'images/detail', viewImage),
  }),

  endpoint({
    method: 'GET',
    path: '/images/{id}',
    until,
    policy: null,
    status: 200,
    handler: async (call) => {
      const image = await findImage(call, call.params.id);
      return { image: viewImage(image, call.request, call.service.parts.peers.image.url) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/images/{id}',
    until,
    policy: null,
    status: 204,
    handler: async (call) => {
      try {
        await askPeer(call, 'image', 'DELETE', imagePath(call.params.id));
      } catch (error) {
        if (isKind(error, 'notFound')) throw imageNotFound(error);
        if (isKind(error, 'forbidden'))
          throw forbidden('You are not allowed to delete the image.', undefined, error);
        throw error;
      }
    },
  }),
];

async function imagesPage(call: Call<Compute>, path: string, view: typeof viewImageBriefly) {
  const { query, request, service } = call;
  const { peers, options } = service.parts;
  const images = await listImages(call, query);
  const next = nextLink(
    request,
    path,
    pageOf(query, options.max_limit),
    images.map((image) => image.id),
  );
  return {
    images: images.map((image) => view(image, request, peers.image.url)),
    ...(next && { images_links: next }),
  };
}
