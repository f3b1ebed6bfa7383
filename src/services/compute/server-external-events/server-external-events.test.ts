import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { asVersion } from '#test/support/compute.ts';
import { sqliteDatabases } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

const service = { as: 'service' };
const path = '/os-server-external-events';

describe('events from outside', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let id: string;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
    id = await world.makeServer();
  });
  afterAll(() => world.close());

  const tell = (events: object[], version = '2.104') =>
    world.client.post(path, { events }, { ...service, ...asVersion(version) });
  const portsOf = (server: string) => [...(world.hypervisors[0]!.guests.get(server)?.ports ?? [])];
  const actionsOf = async (server: string) =>
    (await world.client.get(`/servers/${server}/os-instance-actions`)).body.instanceActions;

  test('an event about a server is taken', async () => {
    expect(await tell([{ name: 'network-changed', server_uuid: id }], '2.1')).toMatchObject({
      status: 200,
      body: { events: [{ name: 'network-changed', server_uuid: id, status: 'completed', code: 200 }] },
    });
  });

  test('each event has an outcome of its own', async () => {
    const [nowhere] = await putServers(world.compute, { host: null, node: null });
    const unknown = crypto.randomUUID();
    const events = [
      { name: 'network-vif-plugged', server_uuid: id, tag: 'some-port', status: 'completed' },
      { name: 'network-changed', server_uuid: unknown },
      { name: 'network-changed', server_uuid: nowhere!.id, status: 'in-progress' },
      { name: 'power-update', server_uuid: id },
    ];
    const { status, body } = await tell(events);
    expect(status).toBe(207);
    expect(body.events).toEqual([
      { ...events[0], status: 'completed', code: 200 },
      { ...events[1], status: 'failed', code: 404 },
      { ...events[2], status: 'failed', code: 422 },
      { ...events[3], status: 'failed', code: 400 },
    ]);
  });

  test('of power and volumes a record is kept', async () => {
    const server = await world.makeServer();
    await tell([{ name: 'power-update', server_uuid: server, tag: 'POWER_OFF' }]);
    for (const tag of ['POWER_SIDEWAYS', 'constructor'])
      expect((await tell([{ name: 'power-update', server_uuid: server, tag }])).status).toBe(200);
    await tell([{ name: 'volume-extended', server_uuid: server, tag: crypto.randomUUID() }]);
    const actions = (await actionsOf(server)).map((a: { action: string; message: string | null }) => [
      a.action,
      a.message,
    ]);
    expect(actions.toSorted()).toEqual([
      ['create', null],
      ['extend_volume', 'Error'],
      ['stop', null],
    ]);
  });

  test.each([
    ['volume-extended', '2.50', '2.51'],
    ['power-update', '2.75', '2.76'],
    ['accelerator-request-bound', '2.81', '2.82'],
    ['volume-reimaged', '2.92', '2.93'],
  ])('%s is not known until %s', async (name, before, since) => {
    const events = [{ name, server_uuid: id, tag: 'x' }];
    expect((await tell(events, before)).status).toBe(400);
    expect((await tell(events, since)).status).toBe(200);
  });

  test.each([
    [{ name: 'network-changed' }],
    [{ name: 'network-changed', server_uuid: 'x' }],
    [{ server_uuid: crypto.randomUUID() }],
    [{ name: 'network-changed', server_uuid: crypto.randomUUID(), other: 1 }],
    [{ name: 'network-changed', server_uuid: crypto.randomUUID(), status: 'great' }],
  ])('%o is refused', async (event) => {
    expect((await tell([event])).status).toBe(400);
  });

  test('there must be events, and only services and administrators tell of them', async () => {
    expect((await tell([])).status).toBe(400);
    const events = [{ name: 'network-changed', server_uuid: id }];
    expect((await world.client.post(path, { events }, { as: 'member' })).status).toBe(403);
    expect((await world.client.post(path, { events }, { as: 'admin' })).status).toBe(200);
  });

  test('a port that a user deletes leaves its server', async () => {
    const server = await world.makeServer();
    const [port] = portsOf(server);
    world.network.removePort(port!);
    await expect.poll(() => portsOf(server)).toEqual([]);
    await world.sagas.idle();
    expect((await world.compute.servers.find(server))!.interfaces).toEqual([]);
    expect((await actionsOf(server))[0].action).toBe('detach_interface');
  });

  test('a port that is deleted while its server is on no host does not come back with it', async () => {
    const server = await world.makeServer();
    const [port] = portsOf(server);
    await world.act(server, 'shelve');
    world.network.removePort(port!);
    await expect.poll(async () => (await world.compute.servers.find(server))!.interfaces).toEqual([]);
    await world.act(server, 'unshelve');
    expect((await world.show(server)).status).toBe('ACTIVE');
  });

  test('a port that is deleted unnoticed does not keep its server from coming back', async () => {
    const server = await world.makeServer();
    const [port] = portsOf(server);
    await world.act(server, 'shelve');
    world.network.ports.delete(port!);
    await world.act(server, 'unshelve');
    expect((await world.show(server)).status).toBe('ACTIVE');
    expect((await world.compute.servers.find(server))!.interfaces).toEqual([]);
  });

  test('an event about a deleted port does the same; one about a port that is there nothing', async () => {
    const server = await world.makeServer();
    const [port] = portsOf(server);
    const event = { name: 'network-vif-deleted', server_uuid: server, tag: port };
    expect((await tell([event])).status).toBe(200);
    await world.sagas.idle();
    expect(portsOf(server)).toEqual([port]);
    world.network.ports.delete(port!);
    expect((await tell([event])).status).toBe(200);
    await world.sagas.idle();
    expect(portsOf(server)).toEqual([]);
  });
});
