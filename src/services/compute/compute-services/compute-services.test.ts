import { hostname } from 'node:os';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';
import type { ApiClient } from '#test/support/api-client.ts';
import {
  asVersion,
  type ComputeForTest,
  PlacementNotes,
  sayHello,
  startCompute,
} from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

describeEachEngine('compute services', (databases) => {
  let clock: FakeClock;
  let placement: PlacementNotes;
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeEach(async () => {
    clock = new FakeClock(Date.UTC(2026, 0, 1));
    placement = new PlacementNotes();
    cloud = await startCompute(await databases.open(), { clock, parts: { placement: placement.contract } });
    client = cloud.client;
    await sayHello(cloud, 'h1');
  });
  afterEach(() => cloud.close());

  const compute = async (version: string) => {
    const { body } = await client.get('/os-services?binary=nova-compute', asVersion(version));
    return body.services[0];
  };
  const update = (body: object, version: string) =>
    compute('2.53').then(({ id }) => client.put(`/os-services/${id}`, body, asVersion(version)));

  test('services are shown with every field of the version', async () => {
    const first = {
      id: 3,
      binary: 'nova-compute',
      host: 'h1',
      zone: 'nova',
      status: 'enabled',
      state: 'up',
      updated_at: '2026-01-01T00:00:00.000000',
      disabled_reason: null,
    };
    expect(await compute('2.1')).toEqual(first);
    expect(await compute('2.11')).toEqual({ ...first, forced_down: false });
    expect(await compute('2.53')).toEqual({
      ...first,
      forced_down: false,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { body } = await client.get(`/os-services?host=${hostname()}`);
    expect(body.services.map((s: { binary: string; zone: string }) => [s.binary, s.zone])).toEqual([
      ['nova-conductor', 'internal'],
      ['nova-scheduler', 'internal'],
    ]);
    expect((await client.get('/os-services?colour=red', asVersion('2.75'))).status).toBe(400);
    expect((await client.get('/os-services?colour=red')).status).toBe(200);
    clock.advance(61_000);
    expect(await compute('2.1')).toMatchObject({ state: 'down' });
  });

  test('until 2.52 the path says what to do', async () => {
    const body = { host: 'h1', binary: 'nova-compute' };
    const put = (action: string, more = {}, version = '2.52') =>
      client.put(`/os-services/${action}`, { ...body, ...more }, asVersion(version));
    expect((await put('disable')).body).toEqual({ service: { ...body, status: 'disabled' } });
    expect(await compute('2.1')).toMatchObject({ status: 'disabled', disabled_reason: null });
    const why = { disabled_reason: 'broken' };
    expect((await put('disable-log-reason', why)).body).toEqual({
      service: { ...body, status: 'disabled', ...why },
    });
    expect(await compute('2.1')).toMatchObject({ status: 'disabled', ...why });
    expect((await put('enable')).body).toEqual({ service: { ...body, status: 'enabled' } });
    expect(await compute('2.1')).toMatchObject({ status: 'enabled', disabled_reason: null });
    expect((await put('force-down', { forced_down: 'yes' })).body).toEqual({
      service: { ...body, forced_down: true },
    });
    expect(await compute('2.11')).toMatchObject({ state: 'down', forced_down: true });
    expect((await put('disable-log-reason')).body.badRequest.message).toBe('Missing disabled reason field');
    expect((await put('force-down')).body.badRequest.message).toBe('Missing forced_down field');
    expect((await put('force-down', { forced_down: true }, '2.10')).status).toBe(400);
    expect((await put('force-down', {}, '2.10')).body.itemNotFound.message).toBe('Unknown action');
    for (const name of ['explode', 'constructor']) expect((await put(name)).status).toBe(404);
    expect((await put('enable', { host: 'h2' })).body.itemNotFound.message).toBe(
      "Host 'h2' is not mapped to any cell",
    );
    expect((await put('disable', { binary: 'nova-scheduler' })).body.badRequest.message).toBe(
      'Updating a nova-scheduler service is not supported. Only nova-compute services can be updated.',
    );
  });

  test('since 2.53 the body does', async () => {
    const disabled = await update({ status: 'disabled', disabled_reason: 'broken' }, '2.53');
    expect(disabled.body.service).toEqual({ ...(await compute('2.53')), disabled_reason: 'broken' });
    expect(disabled.body.service).toMatchObject({ status: 'disabled', state: 'up' });
    const forced = await update({ forced_down: true }, '2.53');
    expect(forced.body.service).toMatchObject({ status: 'disabled', state: 'down', forced_down: true });
    const enabled = await update({ status: 'enabled', forced_down: false }, '2.53');
    expect(enabled.body.service).toMatchObject({ status: 'enabled', state: 'up', disabled_reason: null });
    expect((await update({}, '2.53')).body.badRequest.message).toMatch(/^No updates were requested/);
    expect((await update({ status: 'enabled', disabled_reason: 'x' }, '2.53')).status).toBe(400);
    expect((await client.put('/os-services/enable', {}, asVersion('2.53'))).body.badRequest.message).toBe(
      'Invalid uuid enable',
    );
    const [scheduler] = (await client.get('/os-services?binary=nova-scheduler', asVersion('2.53'))).body
      .services;
    const refused = await client.put(
      `/os-services/${scheduler.id}`,
      { status: 'disabled' },
      asVersion('2.53'),
    );
    expect(refused.status).toBe(400);
  });

  test('Placement knows which hosts are disabled', async () => {
    const traits = () => [...placement.providers.values()][0]!.traits;
    await update({ status: 'disabled' }, '2.53');
    expect(traits()).toContain('COMPUTE_STATUS_DISABLED');
    await update({ status: 'enabled' }, '2.53');
    expect(traits()).toEqual(['COMPUTE_NODE']);
  });

  test('a deleted service takes its host along, unless that has servers', async () => {
    const { id } = await compute('2.53');
    const aggregate = await cloud.compute.aggregates.insert('a', {}, 0);
    await cloud.compute.aggregates.addHost(aggregate!.id, 'h1', () => {});
    expect((await client.delete('/os-services/none')).body.badRequest.message).toBe(
      'Invalid input received: id must be an integer',
    );
    for (const none of ['99', '3000000000', '9'.repeat(30)])
      expect((await client.delete(`/os-services/${none}`)).body.itemNotFound.message).toBe(
        `Service ${none} not found.`,
      );
    expect((await client.delete(`/os-services/${id}`, asVersion('2.53'))).status).toBe(204);
    expect(await compute('2.53')).toBeUndefined();
    expect(await cloud.compute.hosts.list()).toEqual([]);
    expect(placement.providers.size).toBe(0);
    expect((await cloud.compute.aggregates.find(aggregate!.id))!.hosts).toEqual([]);
  });

  test('a service whose host has servers stays', async () => {
    await putServers(cloud.compute, { host: 'h1' });
    const { id } = await compute('2.53');
    const refused = await client.delete(`/os-services/${id}`, asVersion('2.53'));
    expect(refused.body.conflictingRequest.message).toMatch(
      /^Unable to delete compute service that is hosting/,
    );
    expect(await compute('2.53')).toMatchObject({ id });
  });

  test('services are for administrators', async () => {
    expect((await client.get('/os-services', { as: 'member' })).status).toBe(403);
    expect((await client.delete('/os-services/1', { as: 'manager' })).status).toBe(403);
    expect((await client.put('/os-services/enable', {}, { as: 'reader' })).status).toBe(403);
  });
});
