import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { agentAddress } from '#contracts/agent.ts';
import type { GuestImage } from '#contracts/guest.ts';
import { FakeClock } from '#kit/clock/clock.ts';
import type { ApiClient } from '#test/support/api-client.ts';
import { ImagesInMemory } from '#test/support/compute-world/images.ts';
import {
  asVersion,
  type ComputeForTest,
  PlacementNotes,
  sayHello,
  startCompute,
} from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

const imageId = randomUUID();

describeEachEngine('aggregates and availability zones', (databases) => {
  let placement: PlacementNotes;
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeEach(async () => {
    placement = new PlacementNotes();
    const images = new ImagesInMemory();
    images.put({ id: imageId });
    cloud = await startCompute(await databases.open(), {
      clock: new FakeClock(Date.UTC(2026, 0, 1)),
      parts: { placement: placement.contract, image: images },
    });
    client = cloud.client;
    for (const host of ['h1', 'h2']) await sayHello(cloud, host);
  });
  afterEach(() => cloud.close());

  const create = async (name: string, zone?: string | null) =>
    (await client.post('/os-aggregates', { aggregate: { name, availability_zone: zone } })).body.aggregate;
  const act = (id: number, action: string, args: object) =>
    client.post(`/os-aggregates/${id}/action`, { [action]: args });
  const update = (id: number, aggregate: object) => client.put(`/os-aggregates/${id}`, { aggregate });

  test('an aggregate is shown with every field of the version', async () => {
    const made = await client.post('/os-aggregates', {
      aggregate: { name: 'fast', availability_zone: 'az' },
    });
    expect(made.status).toBe(200);
    const basic = {
      id: 1,
      name: 'fast',
      availability_zone: 'az',
      created_at: '2026-01-01T00:00:00.000000',
      updated_at: null,
      deleted: false,
      deleted_at: null,
    };
    expect(made.body.aggregate).toEqual(basic);
    const whole = { ...basic, hosts: [], metadata: { availability_zone: 'az' } };
    expect((await client.get('/os-aggregates/1')).body.aggregate).toEqual(whole);
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect((await client.get('/os-aggregates', asVersion('2.41'))).body.aggregates).toEqual([
      { ...whole, uuid },
    ]);
    expect((await client.delete('/os-aggregates/1')).status).toBe(200);
    expect((await client.get('/os-aggregates/1')).body.itemNotFound.message).toBe(
      'Aggregate 1 could not be found.',
    );
    expect((await client.get('/os-aggregates/x')).status).toBe(400);
    for (const id of ['3000000000', '9'.repeat(30)])
      expect((await client.delete(`/os-aggregates/${id}`)).status).toBe(404);
    expect((await create('next')).id).toBe(2);
  });

  test('names and zones can be changed, and are checked', async () => {
    const { id } = await create('one');
    await create('two');
    expect((await update(id, { name: ' uno ' })).body.aggregate).toMatchObject({
      name: 'uno',
      updated_at: '2026-01-01T00:00:00.000000',
    });
    expect((await update(id, { availability_zone: 'az' })).body.aggregate).toMatchObject({
      name: 'uno',
      availability_zone: 'az',
      metadata: { availability_zone: 'az' },
    });
    expect((await update(id, { name: 'two' })).body.conflictingRequest.message).toBe(
      'Aggregate two already exists.',
    );
    const taken = await client.post('/os-aggregates', { aggregate: { name: 'two' } });
    expect(taken.status).toBe(409);
    expect((await update(id, { availability_zone: null })).body.badRequest.message).toBe(
      `Cannot update aggregate ${id}. Reason: Aggregate uno does not support empty named availability zone.`,
    );
    expect((await update(id, {})).status).toBe(400);
    expect((await update(id, { name: '  ' })).body.badRequest.message).toMatch(
      /at least one non space character$/,
    );
    expect((await update(id, { availability_zone: 'a:b' })).status).toBe(400);
    expect((await update(99, { name: 'x' })).status).toBe(404);
  });

  test('hosts join and leave, and Placement hears of it', async () => {
    const { id } = await create('a');
    const { uuid } = (await client.get(`/os-aggregates/${id}`, asVersion('2.41'))).body.aggregate;
    const provider = (await cloud.compute.hosts.find('h1'))!.uuid;
    expect((await act(id, 'add_host', { host: 'h1' })).body.aggregate.hosts).toEqual(['h1']);
    expect(placement.aggregates.get(provider)).toEqual([uuid]);
    expect((await act(id, 'add_host', { host: 'h1' })).body.conflictingRequest.message).toBe(
      `Aggregate ${id} already has host h1.`,
    );
    expect((await act(id, 'add_host', { host: 'none' })).body.itemNotFound.message).toBe(
      'Compute host none could not be found.',
    );
    expect((await act(99, 'add_host', { host: 'h1' })).status).toBe(404);
    expect((await client.delete(`/os-aggregates/${id}`)).body.badRequest.message).toBe(
      `Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`,
    );
    expect((await act(id, 'remove_host', { host: 'h2' })).body.itemNotFound.message).toBe(
      `Cannot remove host h2 in aggregate ${id}`,
    );
    placement.aggregates.clear();
    await sayHello(cloud, 'h1');
    expect(placement.aggregates.get(provider)).toEqual([uuid]);
    expect((await act(id, 'remove_host', { host: 'h1' })).body.aggregate.hosts).toEqual([]);
    expect(placement.aggregates.get(provider)).toEqual([]);
    expect((await act(id, 'explode', {})).status).toBe(400);
  });

  test('metadata is set item by item, and null takes one away', async () => {
    const { id } = await create('a');
    const set = (metadata: object) => act(id, 'set_metadata', { metadata });
    expect((await set({ ssd: 'true', rack: '7' })).body.aggregate.metadata).toEqual({
      ssd: 'true',
      rack: '7',
    });
    expect((await set({ rack: null, x: 'y' })).body.aggregate.metadata).toEqual({ ssd: 'true', x: 'y' });
    expect((await set({ availability_zone: 'az' })).body.aggregate.availability_zone).toBe('az');
    expect((await set({ availability_zone: null })).body.badRequest.message).toBe(
      `Cannot update metadata of aggregate ${id}. Reason: Aggregate a does not support empty named availability zone.`,
    );
    expect((await set({ 'a/b': 'x' })).status).toBe(400);
    expect((await act(99, 'set_metadata', { metadata: {} })).status).toBe(404);
  });

  test('a host is in one zone only, and its servers stay in theirs', async () => {
    const one = await create('one', 'az1');
    const two = await create('two', 'az2');
    await act(one.id, 'add_host', { host: 'h1' });
    expect((await act(two.id, 'add_host', { host: 'h1' })).body.conflictingRequest.message).toBe(
      `Cannot add host to aggregate ${two.id}. Reason: One or more hosts already in availability zone(s) ['az1'].`,
    );
    const plain = await create('plain');
    await act(plain.id, 'add_host', { host: 'h1' });
    expect((await update(plain.id, { availability_zone: 'az2' })).body.badRequest.message).toContain(
      "already in availability zone(s) ['az1']",
    );
    expect((await update(plain.id, { availability_zone: 'az1' })).status).toBe(200);
    await putServers(cloud.compute, { host: 'h1' }, { host: 'h2' });
    expect((await act(plain.id, 'remove_host', { host: 'h1' })).status).toBe(200);
    expect((await act(one.id, 'remove_host', { host: 'h1' })).body.conflictingRequest.message).toMatch(
      /removed from the aggregate as the availability zone of the host would change from 'az1' to 'None'/,
    );
    expect((await act(two.id, 'add_host', { host: 'h2' })).body.conflictingRequest.message).toMatch(
      /would change from 'None' to 'az2' but the host already has 1 instance/,
    );
    expect((await update(one.id, { availability_zone: 'other' })).body.badRequest.message).toBe(
      `Cannot update aggregate ${one.id}. Reason: One or more hosts contain instances in this zone.`,
    );
  });

  test('zones are listed for everybody, with hosts for administrators', async () => {
    const { id } = await create('one', 'az1');
    await act(id, 'add_host', { host: 'h1' });
    await cloud.compute.services.update(
      (await cloud.compute.hosts.find('h2'))!.service.id,
      { disabled: true },
      0,
    );
    const info = (zoneName: string, available: boolean, hosts: unknown = null) => ({
      zoneName,
      zoneState: { available },
      hosts,
    });
    const list = await client.get('/os-availability-zone', { as: 'reader' });
    expect(list.body).toEqual({ availabilityZoneInfo: [info('az1', true), info('nova', false)] });
    const state = { available: true, active: true, updated_at: '2026-01-01T00:00:00.000000' };
    const detail = await client.get('/os-availability-zone/detail');
    expect(detail.body.availabilityZoneInfo).toEqual([
      info('az1', true, { h1: { 'nova-compute': state } }),
      info('internal', true, { [hostname()]: { 'nova-conductor': state, 'nova-scheduler': state } }),
      info('nova', false),
    ]);
    expect((await client.get('/os-availability-zone/detail', { as: 'member' })).status).toBe(403);
    const { body } = await client.get('/os-services?host=h1');
    expect(body.services[0].zone).toBe('az1');
  });

  test('aggregates are for administrators', async () => {
    for (const path of ['/os-aggregates', '/os-aggregates/99'])
      expect((await client.get(path, { as: 'manager' })).status).toBe(403);
    expect((await client.post('/os-aggregates', {}, { as: 'member' })).status).toBe(403);
    expect((await client.post('/os-aggregates/1/action', { add_host: {} }, { as: 'member' })).status).toBe(
      403,
    );
  });

  test('images are fetched to the hosts of an aggregate, as far as there are any', async () => {
    const { id } = await create('fast');
    for (const host of ['h1', 'h2']) await act(id, 'add_host', { host });
    const fetched: string[] = [];
    const leave = await cloud.bus.serve(agentAddress('h2'), {
      'image.cache': ({ image }: { image: GuestImage }) => void fetched.push(image.id),
    });
    const cache = (images: string[], version = '2.81', aggregate: unknown = id) => {
      const body = { cache: images.map((image) => ({ id: image })) };
      return client.post(`/os-aggregates/${aggregate}/images`, body, { ...asVersion(version) });
    };
    expect((await cache([imageId], '2.80')).status).toBe(404);
    expect((await cache([imageId, randomUUID()])).status).toBe(202);
    await cloud.compute.parts.sagas.idle();
    // h1 does not answer
    expect(fetched).toEqual([imageId]);
    expect((await cache([imageId, imageId])).body.badRequest.message).toBe('Duplicate images in request');
    expect((await cache([imageId], '2.81', 99)).status).toBe(404);
    expect((await cache([])).status).toBe(400);
    await leave();
  });
});
