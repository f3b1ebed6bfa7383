import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { type RawBody, rawJson } from '#kit/http/reply.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { isTrue } from '../fields.ts';
import { nextLink } from '../links.ts';
import { noQuery, pageOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { type FlavorReader, isFor, mayUse, selectFlavors } from './list.ts';
import { createFlavorBody, listFlavorsQuery, updateFlavorBody } from './schema.ts';
import type { Flavor, Flavors, NewFlavor } from './store.ts';
import { showsExtraSpecs, viewFlavor, viewFlavorBriefly } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#flavors */
export const flavorEndpoints = [
  endpoint({
    method: 'GET',
    path: '/flavors',
    policy: null,
    query: listFlavorsQuery,
    status: 200,
    handler: (call) => listFlavors(call, 'flavors', (flavor) => viewFlavorBriefly(flavor, call)),
  }),

  endpoint({
    method: 'GET',
    path: '/flavors/detail',
    policy: null,
    query: listFlavorsQuery,
    status: 200,
    handler: (call) => {
      const withExtraSpecs = showsExtraSpecs(call);
      return listFlavors(
        call,
        'flavors/detail',
        (flavor) => viewFlavor(flavor, call, withExtraSpecs),
        withExtraSpecs,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/flavors',
    policy: 'os_compute_api:os-flavor-manage:create',
    body: createFlavorBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const flavor = newFlavor(body.flavor, service.parts.clock.now());
      const result = await service.flavors.insert(flavor);
      if (result === 'id') throw conflict(`Flavor with ID ${flavor.flavorId} already exists.`);
      if (result === 'name') throw conflict(`Flavor with name ${flavor.name} already exists.`);
      return { flavor: viewFlavor(result, call, showsExtraSpecs(call)) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/flavors/{flavor_id}',
    policy: null,
    query: noQuery,
    status: 200,
    handler: async (call) => {
      const flavor = await findFlavor(call, call.params.flavor_id);
      return { flavor: viewFlavor(flavor, call, showsExtraSpecs(call)) };
    },
  }),

  endpoint({
    method: 'PUT',
    path: '/flavors/{flavor_id}',
    policy: 'os_compute_api:os-flavor-manage:update',
    since: '2.55',
    body: updateFlavorBody,
    status: 200,
    handler: async (call) => {
      const { service, body, params } = call;
      const flavor = await findFlavor(call, params.flavor_id);
      const { description } = body.flavor;
      if (!(await service.flavors.describe(flavor.id, description, service.parts.clock.now()))) {
        throw flavorNotFound(params.flavor_id);
      }
      return { flavor: viewFlavor({ ...flavor, description }, call, showsExtraSpecs(call)) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/flavors/{flavor_id}',
    policy: 'os_compute_api:os-flavor-manage:delete',
    status: 202,
    handler: async ({ service, params }) => {
      if (!(await service.flavors.remove(params.flavor_id))) throw flavorNotFound(params.flavor_id);
    },
  }),
];

type AnyCall = Call<Compute, unknown, unknown, unknown>;

const readerOf = (call: AnyCall): FlavorReader => ({
  admin: call.allows('context_is_admin'),
  projectId: call.auth.projectId,
});

/** A flavor the caller may use. Throws `notFound`. */
export async function findFlavor(call: AnyCall, flavorId: string): Promise<Flavor> {
  const flavor = await call.service.flavors.find(flavorId);
  if (!flavor || !mayUse(flavor, readerOf(call))) throw flavorNotFound(flavorId);
  return flavor;
}

/** What Nova says, as a 404, of a flavor that is not there or not for the caller, who is not to know which. */
export const flavorNotFound = (flavorId: string) => notFound(`Flavor ${flavorId} could not be found.`);

/**
 * Lists rendered before, for as long as no flavor changes: clients ask for them again and again. A list depends on who
 * asks, on the version, and on the address, which stands in every link.
 */
const rendered = new WeakMap<Flavors, Map<string, string>>();
const renderedLimit = 500;
/** The versions that changed how lists look. */
const shapes = ['2.55', '2.75', '2.102'] as const;

async function listFlavors(
  call: AnyCall,
  path: string,
  view: (flavor: Flavor) => object,
  withExtraSpecs = false,
): Promise<RawBody> {
  const flavors = await call.service.flavors.all();
  const reader = readerOf(call);
  const { origin, url } = call.request;
  const shape = shapes.map((version) => call.atLeast(version)).join();
  const own = flavors.some((f) => isFor(f, reader)) ? reader.projectId : '';
  const key = `${shape} ${withExtraSpecs} ${reader.admin} ${own} ${origin}${url}`;
  let cache = rendered.get(flavors);
  if (!cache || cache.size > renderedLimit) rendered.set(flavors, (cache = new Map<string, string>()));
  let text = cache.get(key);
  if (text === undefined) {
    text = JSON.stringify(renderList(call, flavors, reader, path, view));
    cache.set(key, text);
  }
  return rawJson(text);
}

function renderList(
  call: AnyCall,
  flavors: Flavors,
  reader: FlavorReader,
  path: string,
  view: (flavor: Flavor) => object,
) {
  const { name, ...query } = call.query;
  const filters = call.atLeast('2.102') && name !== undefined ? { ...query, name } : query;
  const page = pageOf(query, call.service.parts.options.max_limit);
  const selected = selectFlavors(flavors, reader, filters, page);
  const next = nextLink(
    call.request,
    path,
    page,
    selected.map((f) => f.flavorId),
  );
  return { flavors: selected.map(view), ...(next && { flavors_links: next }) };
}

interface FlavorFields {
  readonly name: string;
  readonly id?: string | number | null;
  readonly ram: number | string;
  readonly vcpus: number | string;
  readonly disk: number | string;
  readonly 'OS-FLV-EXT-DATA:ephemeral'?: number | string;
  readonly swap?: number | string;
  readonly rxtx_factor?: number | string;
  readonly 'os-flavor-access:is_public'?: boolean | string;
  readonly description?: string | null;
}

function newFlavor(fields: FlavorFields, now: number): NewFlavor {
  const rxtxFactor = Number(fields.rxtx_factor ?? 1);
  if (rxtxFactor === 0 || rxtxFactor > 3.40282e38) {
    throw badRequest(
      "Invalid input received: 'rxtx_factor' argument must be a float between 0 and 3.40282e+38",
    );
  }
  return {
    flavorId: String(fields.id || newUuid()),
    name: fields.name,
    description: fields.description ?? null,
    memoryMb: Number(fields.ram),
    vcpus: Number(fields.vcpus),
    rootGb: Number(fields.disk),
    ephemeralGb: Number(fields['OS-FLV-EXT-DATA:ephemeral'] ?? 0),
    swapMb: Number(fields.swap ?? 0),
    rxtxFactor,
    isPublic: isTrue(fields['os-flavor-access:is_public'] ?? true),
    createdAt: now,
  };
}
