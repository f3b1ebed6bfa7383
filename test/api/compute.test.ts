import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { callControl } from '#contracts/agent.ts';
import { Cloud } from '#test/support/cloud.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

interface Port {
  id: string;
  device_id: string;
  device_owner: string;
  status: string;
  security_groups: string[];
  fixed_ips: { ip_address: string; subnet_id: string }[];
}

describe('Compute among the other services', () => {
  const databases = sqliteDatabases();
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await Cloud.start(await databases.open(), { hosts: 2 });
    const flavor = { id: 'bigger', name: 'bigger', ram: 1024, vcpus: 2, disk: 2 };
    await cloud.compute('POST', '/flavors', { flavor });
  });
  afterAll(() => cloud.close());

  const portsOf = async (id: string): Promise<Port[]> =>
    (await cloud.network.get(`/ports?device_id=${id}`)).body.ports;
  const makePort = async (more: object = {}): Promise<Port> =>
    (await cloud.network.post('/ports', { port: { network_id: cloud.networkId, ...more } })).body.port;
  const remove = async (id: string) => {
    expect((await cloud.compute('DELETE', `/servers/${id}`)).status).toBe(204);
    await cloud.control.sagas.idle();
    expect((await cloud.compute('GET', `/servers/${id}`)).status).toBe(404);
  };

  test('a server has a port while it lives, and nothing is left of it', async () => {
    const id = await cloud.makeServer();
    const [port] = await portsOf(id);
    expect(port).toMatchObject({
      device_owner: 'compute:nova',
      status: 'ACTIVE',
      'binding:host_id': expect.stringMatching(/^sim-[12]$/),
    });
    const address = port!.fixed_ips[0]!.ip_address;
    const shown = await cloud.show(id);
    expect(shown.addresses.private).toEqual([
      expect.objectContaining({ addr: address, version: 4, 'OS-EXT-IPS:type': 'fixed' }),
    ]);
    expect(shown.security_groups).toEqual([{ name: 'default' }]);
    const allocations = `/allocations/${id}`;
    expect(Object.keys((await cloud.placement.get(allocations)).body.allocations)).toHaveLength(1);
    await remove(id);
    expect(await portsOf(id)).toEqual([]);
    expect((await cloud.placement.get(allocations)).body.allocations).toEqual({});
    expect(await cloud.guests()).toEqual([]);
    expect(await cloud.audit()).toEqual([]);
  });

  test('a port that was given outlives the server', async () => {
    const given = await makePort({ fixed_ips: [{ ip_address: '10.0.0.77' }] });
    const id = await cloud.makeServer({ networks: [{ port: given.id }] });
    expect((await portsOf(id)).map((port) => port.id)).toEqual([given.id]);
    const again = await cloud.compute('POST', '/servers', {
      server: {
        name: 'x',
        imageRef: cloud.imageId,
        flavorRef: cloud.flavorId,
        networks: [{ port: given.id }],
      },
    });
    expect(again).toMatchObject({
      status: 409,
      body: { conflictingRequest: { message: `Port ${given.id} is still in use.` } },
    });
    await remove(id);
    expect((await cloud.network.get(`/ports/${given.id}`)).body.port).toMatchObject({
      device_id: '',
      device_owner: '',
      'binding:host_id': '',
      status: 'DOWN',
    });
  });

  test('a floating address shows beside the fixed one', async () => {
    const external = { name: 'public', 'router:external': true };
    const network_id = (await cloud.network.post('/networks', { network: external })).body.network.id;
    await cloud.network.post('/subnets', { subnet: { network_id, ip_version: 4, cidr: '172.24.4.0/24' } });
    const gateway = { name: 'r', external_gateway_info: { network_id } };
    const router = (await cloud.network.post('/routers', { router: gateway })).body.router.id;
    const [subnet_id] = (await cloud.network.get(`/networks/${cloud.networkId}`)).body.network.subnets;
    await cloud.network.put(`/routers/${router}/add_router_interface`, { subnet_id });
    const id = await cloud.makeServer();
    const [port] = await portsOf(id);
    const floatingip = { floating_network_id: network_id, port_id: port!.id };
    const made = await cloud.network.post('/floatingips', { floatingip });
    const { floating_ip_address: address } = made.body.floatingip;
    const types = (await cloud.show(id)).addresses.private.map(
      (one: Record<string, string>) => `${one['OS-EXT-IPS:type']} ${one.addr}`,
    );
    expect(types).toEqual([`fixed ${port!.fixed_ips[0]!.ip_address}`, `floating ${address}`]);
    const remove43 = (floating: string) => cloud.act(id, 'removeFloatingIp', { address: floating }, '2.43');
    expect((await remove43('172.24.4.250')).body.itemNotFound.message).toBe('floating IP not found');
    const other = await cloud.network.post('/floatingips', {
      floatingip: { floating_network_id: network_id },
    });
    expect((await remove43(other.body.floatingip.floating_ip_address)).status).toBe(409);
    const fixed = port!.fixed_ips[0]!.ip_address;
    const found = await cloud.compute('GET', `/servers?ip=${fixed}`);
    expect(found.body.servers.map((server: { id: string }) => server.id)).toEqual([id]);
    expect(await cloud.compute('GET', `/servers/${id}/ips/private`)).toMatchObject({
      body: { private: [{ addr: fixed }, { addr: address }] },
    });
    await remove(id);
    expect((await cloud.network.get(`/floatingips?floating_ip_address=${address}`)).body.floatingips).toEqual(
      [expect.objectContaining({ port_id: null })],
    );
  });

  test('security groups are those of the ports', async () => {
    const made = await cloud.network.post('/security-groups', { security_group: { name: 'web' } });
    const web = made.body.security_group.id;
    const id = await cloud.makeServer({ security_groups: [{ name: 'web' }] });
    expect((await portsOf(id))[0]!.security_groups).toEqual([web]);
    expect((await cloud.act(id, 'addSecurityGroup', { name: 'default' })).status).toBe(202);
    expect((await cloud.act(id, 'removeSecurityGroup', { name: 'web' })).status).toBe(202);
    expect((await cloud.show(id)).security_groups).toEqual([{ name: 'default' }]);
    const listed = (await cloud.compute('GET', '/servers/detail')).body.servers;
    expect(listed[0].security_groups).toEqual([{ name: 'default' }]);
    await remove(id);
  });

  test('interfaces come and go', async () => {
    const id = await cloud.makeServer();
    const given = await makePort();
    const asked = { interfaceAttachment: { port_id: given.id } };
    expect(await cloud.compute('POST', `/servers/${id}/os-interface`, asked)).toMatchObject({
      status: 200,
      body: { interfaceAttachment: { port_id: given.id, port_state: 'ACTIVE' } },
    });
    expect(await portsOf(id)).toHaveLength(2);
    expect((await cloud.compute('DELETE', `/servers/${id}/os-interface/${given.id}`)).status).toBe(202);
    await cloud.control.sagas.idle();
    expect((await cloud.network.get(`/ports/${given.id}`)).body.port).toMatchObject({ device_id: '' });
    expect((await cloud.show(id)).addresses.private).toHaveLength(1);
    await remove(id);
  });

  test('a port got and lost addresses through Compute until 2.43', async () => {
    const id = await cloud.makeServer();
    const addresses = async () =>
      (await portsOf(id))[0]!.fixed_ips.map((fixed) => fixed.ip_address).toSorted();
    const [first] = await addresses();
    const add = { networkId: cloud.networkId };
    expect((await cloud.act(id, 'addFixedIp', add, '2.43')).status).toBe(202);
    expect(await addresses()).toEqual([expect.any(String), expect.any(String)]);
    expect((await cloud.act(id, 'removeFixedIp', { address: first }, '2.43')).status).toBe(202);
    expect(await addresses()).toEqual([expect.not.stringMatching(first!)]);
    expect(await cloud.act(id, 'removeFixedIp', { address: first }, '2.43')).toMatchObject({
      status: 400,
      body: { badRequest: { message: `Instance ${id} does not have fixed IP '${first}'.` } },
    });
    expect((await cloud.act(id, 'addFixedIp', add, '2.44')).status).toBe(404);
    await remove(id);
  });

  test('a snapshot is an image that boots', async () => {
    const id = await cloud.makeServer();
    const answer = await cloud.act(id, 'createImage', { name: 'snap', metadata: { colour: 'blue' } });
    const { image_id: image } = answer.body;
    expect((await cloud.image.get(`/images/${image}`)).body).toMatchObject({
      status: 'active',
      name: 'snap',
      disk_format: 'qcow2',
      visibility: 'private',
      image_type: 'snapshot',
      instance_uuid: id,
      base_image_ref: cloud.imageId,
      colour: 'blue',
      size: expect.any(Number),
      os_hash_algo: 'sha512',
    });
    const second = await cloud.makeServer({ imageRef: image });
    expect((await cloud.show(second)).image.id).toBe(image);
    await remove(id);
    await remove(second);
  });

  test('shelving keeps a server without a host', async () => {
    const id = await cloud.makeServer();
    await cloud.act(id, 'shelve');
    expect(await cloud.show(id)).toMatchObject({
      status: 'SHELVED_OFFLOADED',
      'OS-EXT-SRV-ATTR:host': null,
    });
    expect((await portsOf(id))[0]).toMatchObject({ status: 'DOWN', 'binding:host_id': '' });
    await cloud.act(id, 'unshelve');
    expect(await cloud.show(id)).toMatchObject({ status: 'ACTIVE' });
    expect((await cloud.image.get('/images?name=vm-shelved')).body.images).toEqual([]);
    await remove(id);
  });

  test('a resized server takes its room in Placement', async () => {
    const id = await cloud.makeServer();
    await cloud.act(id, 'resize', { flavorRef: 'bigger' });
    await cloud.act(id, 'confirmResize');
    const { allocations } = (await cloud.placement.get(`/allocations/${id}`)).body;
    expect(Object.values(allocations)).toEqual([
      expect.objectContaining({ resources: { VCPU: 2, MEMORY_MB: 1024, DISK_GB: 2 } }),
    ]);
    await remove(id);
  });

  test('a guest is told who it is by its address', async () => {
    const id = await cloud.makeServer({ name: 'Web 1', metadata: { role: 'web' } });
    const [port] = await portsOf(id);
    const ask = async (path: string) => {
      const answer = await callControl(cloud.bus, 'metadata.get', {
        networkId: cloud.networkId,
        sourceAddress: port!.fixed_ips[0]!.ip_address,
        method: 'GET',
        path,
        headers: {},
      });
      return Buffer.from(answer.body).toString();
    };
    expect(JSON.parse(await ask('/openstack/latest/meta_data.json'))).toMatchObject({
      uuid: id,
      hostname: 'web-1.novalocal',
      meta: { role: 'web' },
    });
    expect(JSON.parse(await ask('/openstack/latest/network_data.json'))).toMatchObject({
      networks: [{ type: 'ipv4_dhcp', network_id: cloud.networkId }],
    });
    expect(await ask('/latest/meta-data/local-ipv4')).toBe(port!.fixed_ips[0]!.ip_address);
    await remove(id);
  });

  test('what control was doing when it died is done once it is back', async () => {
    const deleted = await cloud.makeServer();
    const building = await cloud.requestServer();
    await cloud.compute('DELETE', `/servers/${deleted}`);
    await cloud.crash();
    await cloud.restart();
    await cloud.control.sagas.idle();
    expect(await cloud.show(building)).toMatchObject({ status: 'ACTIVE' });
    expect((await cloud.compute('GET', `/servers/${deleted}`)).status).toBe(404);
    expect(await cloud.audit()).toEqual([]);
    await remove(building);
  });

  test('an image that is gone, or not ready, makes no server', async () => {
    const queued = await cloud.image.post('/images', {
      name: 'q',
      disk_format: 'qcow2',
      container_format: 'bare',
    });
    const asked = (imageRef: string) =>
      cloud.compute('POST', '/servers', {
        server: { name: 'x', imageRef, flavorRef: cloud.flavorId, networks: 'none' },
      });
    expect(await asked(queued.body.id)).toMatchObject({
      status: 400,
      body: { badRequest: { message: `Image ${queued.body.id} is not active.` } },
    });
    const nowhere = crypto.randomUUID();
    expect(await asked(nowhere)).toMatchObject({
      status: 400,
      body: { badRequest: { message: 'Can not find requested image' } },
    });
  });
});
