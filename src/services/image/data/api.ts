import { badRequest, forbidden, notFound, unsupportedMediaType } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type RequestInfo } from '#kit/http/endpoint.ts';
import { FileRange } from '#kit/http/file-range.ts';
import { RawBody, reply } from '#kit/http/reply.ts';

import { storeId } from '../files/store-id.ts';
import { imageFor, targetOf } from '../images/lookup.ts';
import { last } from '../images/query.ts';
import type { Image } from '../service.ts';
import { mebibytes } from '../usage/quotas.ts';
import { readRange } from './range.ts';
import type { Incoming } from './transfers.ts';

const endpoint = endpointOf<Image>();

const octets = 'application/octet-stream';

/** https://docs.openstack.org/api-ref/image/v2/#image-data */
export const dataEndpoints = [
  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/file',
    policy: 'upload_image',
    status: 204,
    load: (call) => {
      requireOctets(call);
      return imageFor(call, 'upload_image', call.params.image_id);
    },
    target: (image, call) => targetOf(image, call.auth),
    body: 'stream',
    handler: async (call) => {
      const { service, resource, request } = call;
      const size = announcedSize(call);
      await service.quotas.check(resource.owner, { image_size_total: mebibytes(size ?? 0) });
      requireStore(request.headers['x-image-meta-store']);
      await service.transfers.upload(resource.id, incomingOf(call, size));
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/images/{image_id}/stage',
    policy: 'modify_image',
    status: 204,
    load: (call) => {
      if (!call.service.options.enabled_import_methods.includes('glance-direct'))
        throw notFound("'glance-direct' method is not available at this site.");
      requireOctets(call);
      return imageFor(call, 'modify_image', call.params.image_id);
    },
    target: (image, call) => targetOf(image, call.auth),
    body: 'stream',
    handler: async (call) => {
      const { service, resource } = call;
      const size = announcedSize(call);
      await service.quotas.check(resource.owner, { image_stage_total: mebibytes(size ?? 0) });
      await service.transfers.stage(resource.id, incomingOf(call, size));
    },
  }),

  endpoint({
    method: 'GET',
    path: '/images/{image_id}/file',
    policy: 'download_image',
    status: 200,
    load: async (call) => {
      const image = await imageFor(call, 'download_image', call.params.image_id);
      if (image.status === 'deactivated' && !call.allows('context_is_admin'))
        throw forbidden('The requested image has been deactivated. Image data download is forbidden.');
      return image;
    },
    target: (image, call) => targetOf(image, call.auth),
    handler: async (call) => {
      const { service, resource: image, request, query } = call;
      const preferred = (last(query.prefer) ?? '').split(',').map((store) => store.trim());
      if (preferred.some(Boolean)) {
        call.enforce('download_from_store', targetOf(image, call.auth));
        for (const store of preferred.filter(Boolean)) requireConfigured(store);
      }
      if (image.data === null) return reply(undefined, { status: 204 });
      const size = image.size ?? 0;
      const range = readRange(request.headers, size);
      const file = await service.files.openIfThere('data', image.data);
      if (!file) return reply(undefined, { status: 204 });
      const { offset, length } = range ?? { offset: 0, length: size };
      return reply(new RawBody(new FileRange(file, offset, length), octets), {
        headers: {
          ...(image.checksum !== null && { 'content-md5': image.checksum }),
          ...(range && { 'content-range': `bytes ${offset}-${offset + length - 1}/${size}` }),
        },
        ...(range && { status: 206 }),
      });
    },
  }),
];

type AnyCall = Pick<Call<Image>, 'request'>;

function requireOctets({ request }: AnyCall): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== octets) throw unsupportedMediaType(`Invalid content type ${type ?? 'None'}`);
}

/** How many bytes the client says will come. */
function announcedSize({ request: { headers } }: AnyCall): number | undefined {
  const said = headers['x-openstack-image-size'];
  if (said === undefined) return Number(headers['content-length'] ?? 0) || undefined;
  if (typeof said !== 'string' || !/^\s*\d+\s*$/.test(said))
    throw badRequest('Invalid or missing image size in request headers.');
  return Number(said);
}

const incomingOf = ({ request }: AnyCall, size: number | undefined): Incoming => ({
  source: bytesOf(request),
  size,
});

/**
 * The bytes of a body; a client that waits for leave to send gets it when the first ones are asked for. A refusal halfway
 * leaves the connection open, so that the client can be told.
 */
async function* bytesOf(request: RequestInfo): AsyncGenerator<Uint8Array> {
  try {
    const body = request.stream().iterator({ destroyOnReturn: false });
    for await (const chunk of body) {
      yield chunk as Buffer;
      release(chunk as Buffer);
    }
  } catch (cause) {
    throw badRequest('The data ended early.', undefined, cause);
  }
}

/**
 * Gives the memory of a chunk back. Left to the garbage collector it would pile up, and the heap be searched for every few
 * megabytes that come in.
 */
function release({ buffer, byteLength }: Buffer): void {
  const isAlone = buffer.byteLength === byteLength;
  if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function requireStore(store: string | string[] | undefined): void {
  if (store !== undefined && store !== storeId)
    throw badRequest(`Unknown scheme '${String(store)}' found in URI`);
}

function requireConfigured(store: string): void {
  if (store !== storeId) throw badRequest(`Store '${store}' is not configured.`);
}
