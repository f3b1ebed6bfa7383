import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('interfaces', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
  });
  afterAll(() => world.close());

  test('an interface is attached, shown and detached with its port', async () => {
    const id = await world.makeServer();
    const other = world.network.put({ id: crypto.randomUUID(), name: 'other' });
    const path = `/servers/${id}/os-interface`;
    const made = await world.send('POST', path, {
      interfaceAttachment: { net_id: other.id, tag: 'nic-2', fixed_ips: [{ ip_address: '10.0.9.9' }] },
    });
    expect(made.status).toBe(200);
    const shown = made.body.interfaceAttachment;
    expect(shown).toEqual({
      net_id: other.id,
      port_id: expect.any(String),
      mac_addr: expect.stringMatching(/^fa:16:3e:/),
      port_state: 'ACTIVE',
      fixed_ips: [{ subnet_id: `subnet-of-${other.id}`, ip_address: '10.0.9.9' }],
      tag: 'nic-2',
    });
    expect((await world.send('GET', path)).body.interfaceAttachments).toHaveLength(2);
    expect((await world.send('GET', `${path}/${shown.port_id}`)).body).toEqual(made.body);
    expect(world.hypervisors[0]!.guests.get(id)?.ports).toContain(shown.port_id);
    expect(Object.keys((await world.show(id)).addresses)).toEqual(['net', 'other']);
    expect((await world.send('DELETE', `${path}/${shown.port_id}`)).status).toBe(202);
    await world.sagas.idle();
    expect(world.network.ports.has(shown.port_id)).toBe(false);
    expect(world.hypervisors[0]!.guests.get(id)?.ports).toHaveLength(1);
    expect((await world.send('GET', `${path}/${shown.port_id}`)).status).toBe(404);
  });

  test("a port of the user's own is given back", async () => {
    const id = await world.makeServer();
    const port = world.network.putPort(crypto.randomUUID(), world.networkId);
    const path = `/servers/${id}/os-interface`;
    expect((await world.send('POST', path, { interfaceAttachment: { port_id: port.id } })).status).toBe(200);
    expect(port.deviceId).toBe(id);
    const again = await world.send('POST', path, { interfaceAttachment: { port_id: port.id } });
    expect(again.body.conflictingRequest.message).toBe(`Port ${port.id} is still in use.`);
    await world.send('DELETE', `${path}/${port.id}`);
    await world.sagas.idle();
    expect(world.network.ports.get(port.id)?.deviceId).toBe('');
  });

  test('several are attached and detached at once', async () => {
    const id = await world.makeServer();
    const path = `/servers/${id}/os-interface`;
    const attached = await Promise.all(
      [1, 2, 3].map(() => world.send('POST', path, { interfaceAttachment: { net_id: world.networkId } })),
    );
    expect(attached.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ids = attached.map(({ body }) => body.interfaceAttachment.port_id as string);
    const known = async () =>
      (await world.compute.servers.find(id))!.interfaces.map((nic) => nic.portId).slice(1);
    expect((await known()).toSorted()).toEqual(ids.toSorted());
    await Promise.all(ids.slice(1).map((port) => world.send('DELETE', `${path}/${port}`)));
    await world.sagas.idle();
    expect(await known()).toEqual(ids.slice(0, 1));
    expect(world.hypervisors[0]!.guests.get(id)?.ports).toHaveLength(2);
  });

  test('an interface is gone for good, whatever is begun while it is detached', async () => {
    const id = await world.makeServer();
    const [first] = (await world.compute.servers.find(id))!.interfaces;
    const detached = await world.send('DELETE', `/servers/${id}/os-interface/${first!.portId}`);
    const stopped = await world.send('POST', `/servers/${id}/action`, { 'os-stop': null });
    expect([detached.status, stopped.status]).toEqual([202, 202]);
    await world.sagas.idle();
    expect(await world.compute.servers.find(id)).toMatchObject({ vmState: 'stopped', interfaces: [] });
  });

  test('what cannot be is refused', async () => {
    const id = await world.makeServer();
    const attach = (interfaceAttachment: object) =>
      world.send('POST', `/servers/${id}/os-interface`, { interfaceAttachment });
    const nowhere = crypto.randomUUID();
    expect((await attach({ net_id: nowhere })).body.itemNotFound.message).toBe(
      `Network ${nowhere} could not be found.`,
    );
    expect((await attach({ port_id: nowhere })).status).toBe(404);
    expect((await attach({ port_id: nowhere, net_id: nowhere })).status).toBe(400);
    expect((await attach({ fixed_ips: [{ ip_address: '10.0.0.7' }] })).status).toBe(400);
    await world.act(id, 'pause');
    await world.act(id, 'shelve');
    expect((await attach({ net_id: world.networkId })).body.conflictingRequest.message).toBe(
      `Cannot 'attach_interface' instance ${id} while it is in vm_state shelved_offloaded`,
    );
  });
});
