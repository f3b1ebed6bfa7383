import { badRequest, conflict, forbidden } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { found, missing, refuseDangling } from '../errors.ts';
import { collection } from '../listing.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { createRegionBody, listRegionsQuery, updateRegionBody } from './schema.ts';
import type { Region } from './store.ts';
import { viewRegion } from './view.ts';

const endpoint = endpointOf<Identity>();

type InRegion = Call<Identity, { region_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findRegion = ({ service, params }: InRegion) => service.regions.find(params.region_id);

/** https://docs.openstack.org/api-ref/identity/v3/#regions */
export const regionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/regions',
    policy: 'identity:list_regions',
    query: listRegionsQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const parent = query.parent_region_id as string | undefined;
      const regions = await service.regions.list(parent === undefined ? {} : { parentRegionId: parent });
      return collection(
        'regions',
        regions.map((r) => viewRegion(r, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/regions',
    policy: 'identity:create_region',
    body: createRegionBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const region = await createRegion(service, body.region.id || newHexId(), body.region);
      return { region: viewRegion(region, request.origin) };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/regions/{region_id}',
    policy: 'identity:create_region',
    body: createRegionBody,
    status: 201,
    handler: async ({ service, body, params, request }) => {
      const { id } = body.region;
      if (id !== undefined && id !== params.region_id) {
        throw badRequest(`Conflicting region IDs specified: "${params.region_id}" != "${id}"`);
      }
      const region = await createRegion(service, params.region_id, body.region);
      return { region: viewRegion(region, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/regions/{region_id}',
    policy: 'identity:get_region',
    status: 200,
    load: findRegion,
    handler: ({ resource, params, request }) => ({
      region: viewRegion(found(resource, 'region', params.region_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/regions/{region_id}',
    policy: 'identity:update_region',
    body: updateRegionBody,
    status: 200,
    load: findRegion,
    handler: async ({ service, resource, params, body, request }) => {
      const old = found(resource, 'region', params.region_id);
      refuseOtherId(body.region.id, old.id);
      const region = await updateRegion(service, old, body.region);
      return { region: viewRegion(region, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/regions/{region_id}',
    policy: 'identity:delete_region',
    status: 204,
    load: findRegion,
    handler: async ({ service, resource, params }) => {
      const { id } = found(resource, 'region', params.region_id);
      const ids = await service.regions.subtree(id);
      if (await service.hasEndpointsIn(ids)) throw inUse(id, 'endpoints');
      if (await service.hasLimitsIn(ids)) throw inUse(id, 'registered limits');
      // or something has come to refer to one of them since
      await refuseDangling(
        service.changes.apply((trx) => service.regions.remove(trx, ids)),
        () => inUse(id, 'endpoints'),
      );
    },
  }),
];

interface RegionFields {
  readonly id?: string | null;
  readonly description?: string | null;
  readonly parent_region_id?: string | null;
}

async function createRegion(service: Identity, id: string, fields: RegionFields): Promise<Region> {
  const { id: _, description, parent_region_id: parent, ...extra } = fields;
  const region: Region = { id, description: description ?? '', parentRegionId: parent ?? null, extra };
  const result = await service.regions.insert(region);
  if (result === 'duplicate')
    throw conflict(`Conflict occurred attempting to store region - Duplicate ID, ${id}.`);
  if (result === 'no parent') throw missing('region', parent ?? '');
  return region;
}

async function updateRegion(service: Identity, region: Region, fields: RegionFields): Promise<Region> {
  const { id: _, description, parent_region_id: parent, ...extra } = fields;
  const updated: Region = {
    id: region.id,
    description: description === undefined ? region.description : (description ?? ''),
    parentRegionId: parent === undefined ? region.parentRegionId : parent,
    extra: { ...region.extra, ...extra },
  };
  if (updated.parentRegionId !== null) {
    found(await service.regions.find(updated.parentRegionId), 'region', updated.parentRegionId);
    if ((await service.regions.subtree(region.id)).includes(updated.parentRegionId)) {
      throw badRequest(
        `The specified parent region ${updated.parentRegionId} would create a circular region hierarchy.`,
      );
    }
  }
  await refuseDangling(service.regions.update(updated), () =>
    missing('region', updated.parentRegionId ?? ''),
  );
  return updated;
}

const inUse = (id: string, what: string) =>
  forbidden(`Unable to delete region ${id} because it or its child regions have associated ${what}.`);
