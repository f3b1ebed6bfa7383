import type { Transaction } from 'kysely';

import type { GuestImage } from '#contracts/guest.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { badRequest, conflict, isKind, messageOf, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { requireIntegerId } from '../ids.ts';
import { noQuery } from '../query.ts';
import { fileOf } from '../servers/image.ts';
import type { Compute } from '../service.ts';
import { cacheImagesSaga } from './cache-images.saga.ts';
import { problemOfJoining, problemOfLeaving, problemOfZone } from './rules.ts';
import {
  addHostBody,
  cacheImagesBody,
  createAggregateBody,
  removeHostBody,
  setMetadataBody,
  updateAggregateBody,
} from './schema.ts';
import type { Aggregate, Aggregates } from './store.ts';
import { viewAggregate, viewNewAggregate } from './view.ts';
import { zoneKey } from './zones.ts';

const endpoint = endpointOf<Compute>();
type AnyCall = Call<Compute, unknown, unknown, unknown>;

/** https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates */
export const aggregateEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-aggregates',
    policy: 'os_compute_api:os-aggregates:index',
    query: noQuery,
    status: 200,
    handler: async (call) => ({
      aggregates: (await call.service.aggregates.all()).map((a) => viewAggregate(a, call)),
    }),
  }),

  endpoint({
    method: 'POST',
    path: '/os-aggregates',
    policy: 'os_compute_api:os-aggregates:create',
    body: createAggregateBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const { name, availability_zone: zone } = body.aggregate;
      const metadata: Record<string, string> = zone ? { [zoneKey]: zone } : {};
      const aggregate = await service.aggregates.insert(name, metadata, service.parts.clock.now());
      if (!aggregate) throw nameTaken(name);
      return { aggregate: viewNewAggregate(aggregate, call) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-aggregates/{id}',
    policy: 'os_compute_api:os-aggregates:show',
    query: noQuery,
    status: 200,
    handler: (call) => show(call, requireIntegerId(call.params.id)),
  }),

  endpoint({
    method: 'PUT',
    path: '/os-aggregates/{id}',
    policy: 'os_compute_api:os-aggregates:update',
    body: updateAggregateBody,
    status: 200,
    handler: async (call) => {
      const id = requireIntegerId(call.params.id);
      const { name, availability_zone: zone } = call.body.aggregate;
      await change(call, id, `Cannot update aggregate ${id}`, {
        ...(name !== undefined && { name: name.trim() }),
        ...(zone !== undefined && { metadata: { [zoneKey]: zone } }),
      });
      return show(call, id);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-aggregates/{id}',
    policy: 'os_compute_api:os-aggregates:delete',
    status: 200,
    handler: async ({ service, params }) => {
      const id = requireIntegerId(params.id);
      const result = await service.aggregates.remove(id);
      if (result === 'gone') throw aggregateNotFound(id);
      if (result === 'has hosts') {
        throw badRequest(`Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`);
      }
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-aggregates/{id}/action',
    action: 'add_host',
    policy: 'os_compute_api:os-aggregates:add_host',
    body: addHostBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const id = requireIntegerId(call.params.id);
      const { host } = body.add_host;
      if (!(await service.hosts.find(host))) throw notFound(`Compute host ${host} could not be found.`);
      const counts = await service.hosts.usage();
      const result = await service.aggregates.addHost(id, host, (all) => {
        const problem = problemOfJoining(aggregateIn(all, id), host, all, counts);
        if (problem) throw conflict(`Cannot add host to aggregate ${id}. Reason: ${problem}.`);
      });
      if (result === 'gone') throw aggregateNotFound(id);
      if (result === 'there') throw conflict(`Aggregate ${id} already has host ${host}.`);
      await mirror(service, host);
      return show(call, id);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-aggregates/{id}/action',
    action: 'remove_host',
    policy: 'os_compute_api:os-aggregates:remove_host',
    body: removeHostBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      const id = requireIntegerId(call.params.id);
      const { host } = body.remove_host;
      const missing = () => notFound(`Cannot remove host ${host} in aggregate ${id}`);
      const counts = await service.hosts.usage();
      const removed = await service.aggregates.removeHost(id, host, (all) => {
        const aggregate = all.find((a) => a.id === id);
        if (!aggregate?.hosts.includes(host)) throw missing();
        const problem = problemOfLeaving(aggregate, host, all, counts);
        if (problem) throw conflict(`Cannot remove host from aggregate ${id}. Reason: ${problem}.`);
      });
      if (!removed) throw missing();
      await mirror(service, host);
      return show(call, id);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-aggregates/{id}/action',
    action: 'set_metadata',
    policy: 'os_compute_api:os-aggregates:set_metadata',
    body: setMetadataBody,
    status: 200,
    handler: async (call) => {
      const id = requireIntegerId(call.params.id);
      const { metadata } = call.body.set_metadata;
      await change(call, id, `Cannot update metadata of aggregate ${id}`, { metadata });
      return show(call, id);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-aggregates/{id}/images',
    since: '2.81',
    policy: 'compute:aggregates:images',
    body: cacheImagesBody,
    status: 202,
    handler: async (call) => {
      const id = requireIntegerId(call.params.id);
      const wanted = call.body.cache.map((image) => image.id);
      if (new Set(wanted).size < wanted.length) throw badRequest('Duplicate images in request');
      const { service, auth } = call;
      const aggregate = await service.aggregates.find(id);
      if (!aggregate) throw aggregateNotFound(id);
      const input = { hosts: aggregate.hosts, images: await imagesThere(service, wanted, auth) };
      const { database, sagas } = service.parts;
      await database.transaction(async (trx: Transaction<object>) => {
        await sagas.start(trx, cacheImagesSaga, `aggregate:${id}`, input);
      });
    },
  }),
];

/** The files of images; those that are not there are nobody's to fetch. */
async function imagesThere(
  service: Compute,
  ids: readonly string[],
  caller: Credentials,
): Promise<GuestImage[]> {
  const images: GuestImage[] = [];
  for (const id of ids) {
    try {
      images.push(fileOf(await service.parts.image.get(id, caller)));
    } catch (error) {
      if (!isKind(error, 'notFound')) throw error;
    }
  }
  return images;
}

async function show(call: AnyCall, id: number) {
  const aggregate = await call.service.aggregates.find(id);
  if (!aggregate) throw aggregateNotFound(id);
  return { aggregate: viewAggregate(aggregate, call) };
}

/** Changes name or metadata; `complaint` begins what is said when the zone may not change like that. */
async function change(
  call: AnyCall,
  id: number,
  complaint: string,
  wish: { name?: string; metadata?: Readonly<Record<string, string | null>> },
): Promise<void> {
  const { service } = call;
  const zone = wish.metadata?.[zoneKey];
  const counts = await service.hosts.usage();
  const result = await service.aggregates.update(
    id,
    wish,
    (all) => {
      const aggregate = aggregateIn(all, id);
      const problem = zone === undefined ? undefined : problemOfZone(aggregate, zone, all, counts);
      if (problem) throw badRequest(`${complaint}. Reason: ${problem}.`);
    },
    service.parts.clock.now(),
  );
  if (result === 'gone') throw aggregateNotFound(id);
  if (result === 'duplicate') throw nameTaken(wish.name ?? '');
}

/** Tells Placement which aggregates a host is in. If it does not hear, it will when the host's agent says hello again. */
async function mirror(service: Compute, name: string): Promise<void> {
  const host = await service.hosts.find(name);
  if (!host) return;
  try {
    await service.registry.mirrorAggregates(host);
  } catch (error) {
    service.parts.log.warn(
      { err: error, host: name },
      `Placement did not hear of aggregates: ${messageOf(error)}`,
    );
  }
}

function aggregateIn(aggregates: Aggregates, id: number): Aggregate {
  const aggregate = aggregates.find((a) => a.id === id);
  if (!aggregate) throw aggregateNotFound(id);
  return aggregate;
}

const aggregateNotFound = (id: number) => notFound(`Aggregate ${id} could not be found.`);
const nameTaken = (name: string) => conflict(`Aggregate ${name} already exists.`);
