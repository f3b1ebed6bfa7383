import { badRequest, conflict, forbidden, unsupportedMediaType } from '#kit/errors/cloud-error.ts';
import type { Call } from '#kit/http/endpoint.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { storeId } from '../files/store-id.ts';
import type { Image } from '../service.ts';
import { checkMinimum, checkPropertyCount, checkTagCount } from './attributes.ts';
import { newImageOf, readCreateRequest, refuseLinks } from './create.ts';
import { noSuchImage } from './errors.ts';
import { imageFor, targetOf, viewerOf, visibleImage } from './lookup.ts';
import { applyOperation, type Operation, patchTypes, readPatch } from './patch.ts';
import { last, readListRequest } from './query.ts';
import type { ImageChanges, ImageRecord } from './record.ts';
import { imagePath, viewImage, viewImages } from './view.ts';

const endpoint = endpointOf<Image>();

/** https://docs.openstack.org/api-ref/image/v2/#images */
export const imageEndpoints = [
  endpoint({
    method: 'GET',
    path: '/images',
    policy: 'get_images',
    status: 200,
    handler: async (call) => {
      const { service, query } = call;
      const { limit_param_default, api_limit_max } = service.options;
      const request = readListRequest(query);
      const marker = request.marker === undefined ? undefined : await markerOf(call, request.marker);
      const limit = Math.min(request.limit ?? limit_param_default, api_limit_max);
      const found = await service.images.list(viewerOf(call), { ...request, marker, limit });
      const images = found.filter((image) => call.allows('get_image', targetOf(image, call.auth)));
      const isFull = images.length > 0 && found.length === limit;
      const parameters = Object.entries(query).map(([name, value]) => [name, last(value) ?? ''] as const);
      return viewImages(images, new Map(parameters), isFull ? images.at(-1)!.id : undefined);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/images',
    policy: 'add_image',
    status: 201,
    target: (_, { auth }) => ({ project_id: auth.projectId, owner: auth.projectId, visibility: 'private' }),
    body: 'json',
    handler: async (call) => {
      const { service, auth, body } = call;
      if (body === undefined) throw badRequest('Body expected in request.');
      if (typeof body === 'object' && body !== null) refuseLinks(body);
      service.imageSchema.check(body);
      const request = readCreateRequest(body as Record<string, unknown>);
      const { owner = auth.projectId ?? null, visibility = 'private' } = request.attributes;
      const target = { project_id: owner, owner, visibility };
      if (owner !== auth.projectId && !call.allows('add_image', target)) {
        const words = `You are not permitted to create images owned by '${owner}'`;
        throw forbidden(words, { detail: words });
      }
      enforceVisibility(call, visibility, target);
      await service.quotas.check(owner, { image_count_total: 1 });
      const made = await service.images.insert(newImageOf(request, owner, service.options));
      if (!made) throw conflict(`Image ID ${request.attributes.id} already exists!`);
      const methods = service.options.enabled_import_methods.join(',');
      return reply(viewImage(made), {
        headers: {
          location: call.request.origin + imagePath(made.id),
          ...(methods !== '' && { 'OpenStack-image-import-methods': methods }),
          'OpenStack-image-store-ids': storeId,
        },
      });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/images/{image_id}',
    policy: 'get_image',
    status: 200,
    load: (call) => imageFor(call, 'get_image', call.params.image_id),
    target: (image, call) => targetOf(image, call.auth),
    handler: ({ resource }) => viewImage(resource),
  }),

  endpoint({
    method: 'PATCH',
    path: '/images/{image_id}',
    policy: 'modify_image',
    status: 200,
    load: (call) => {
      requirePatchType(call);
      return imageFor(call, 'modify_image', call.params.image_id);
    },
    target: (image, call) => targetOf(image, call.auth),
    body: 'json',
    consumes: Object.keys(patchTypes),
    handler: async (call) => {
      const { service, resource, body } = call;
      if (body === undefined) throw badRequest('Body expected in request.');
      const draft = patchTypes[mediaTypeOf(call)]!;
      const operations = readPatch(body, draft, (part) => service.imageSchema.check(part));
      if (operations.length === 0) return viewImage(resource);
      const changed = await service.images.change(resource.id, (image) => changesOf(call, image, operations));
      if (!changed) throw noSuchImage(resource.id);
      return viewImage(changed);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/images/{image_id}',
    policy: 'delete_image',
    status: 204,
    load: (call) => {
      const id = call.params.image_id;
      return imageFor(call, 'delete_image', id, `Failed to find image ${id} to delete`);
    },
    target: (image, call) => targetOf(image, call.auth),
    handler: async ({ service, resource }) => {
      const { id } = resource;
      const found = await service.remove(id, (image) => !image.protected);
      if (found?.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`);
    },
  }),
];

type AnyCall = Pick<Call<Image>, 'service' | 'auth' | 'allows' | 'enforce' | 'request'>;

async function markerOf(call: AnyCall, id: string): Promise<ImageRecord> {
  try {
    return await visibleImage(call, id);
  } catch {
    throw badRequest(`No image found with ID ${id}`);
  }
}

const mediaTypeOf = ({ request }: AnyCall): string =>
  request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';

function requirePatchType(call: AnyCall): void {
  if (Object.hasOwn(patchTypes, mediaTypeOf(call))) return;
  const allowed = Object.keys(patchTypes).join(', ');
  throw unsupportedMediaType(`Image PATCH expects Content-Type one of: ${allowed}`, {
    headers: { 'accept-patch': allowed },
  });
}

function enforceVisibility(call: AnyCall, visibility: unknown, target: object): void {
  if (visibility === 'public') call.enforce('publicize_image', { ...target });
  if (visibility === 'community') call.enforce('communitize_image', { ...target });
}

/** All of a patch, one operation after the other, or an error and nothing. */
function changesOf(call: AnyCall, image: ImageRecord, operations: readonly Operation[]): ImageChanges {
  let changes: ImageChanges = {};
  for (const operation of operations) {
    checkAllowed(call, image, operation);
    changes = { ...changes, ...applyOperation({ ...image, ...changes }, operation) };
  }
  const { options } = call.service;
  const { minDisk, minRam, tags, properties } = changes;
  if (minDisk !== undefined) checkMinimum('min_disk', minDisk);
  if (minRam !== undefined) checkMinimum('min_ram', minRam);
  if (tags) checkTagCount(tags, options);
  const isNew = (name: string) => !Object.hasOwn(image.properties, name);
  if (properties && Object.keys(properties).some(isNew)) checkPropertyCount(properties, options);
  return changes;
}

function checkAllowed(call: AnyCall, image: ImageRecord, operation: Operation): void {
  const { op, name } = operation;
  if (name === 'locations') refuseLocations(operation);
  if (name === 'owner' && op !== 'remove' && !call.allows('context_is_admin')) {
    const words = "Owner can't be updated by non admin.";
    throw forbidden(words, { detail: words });
  }
  if (name === 'visibility' && op !== 'remove')
    enforceVisibility(call, operation.value, targetOf(image, call.auth));
}

/** Where data lies is the service's own business. */
function refuseLocations(operation: Operation): never {
  const { op } = operation;
  if (op === 'replace' && Array.isArray(operation.value) && operation.value.length === 0) {
    const words = 'Cannot set locations to empty list.';
    throw forbidden(words, { detail: words });
  }
  const what = op === 'replace' ? 'update' : op;
  throw forbidden(`It's not allowed to ${what} locations if locations are invisible.`);
}
