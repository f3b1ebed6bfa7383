import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { configDriveFiles } from './config-drive.ts';

describe('metadata', () => {
  const databases = sqliteDatabases();
  const vendorData = join(temporaryDirectory(), 'vendor.json');
  let world: ComputeWorld;
  let id: string;
  let address: string;

  beforeAll(async () => {
    writeFileSync(vendorData, '{"colour": "blue"}');
    world = await ComputeWorld.open(await databases.open(), { options: { vendordata_file: vendorData } });
    await world.compute.keypairs.insert(
      {
        userId: 'member-user',
        name: 'key',
        type: 'ssh',
        fingerprint: 'f',
        publicKey: 'ssh-ed25519 AAAA',
        createdAt: 0,
      },
      -1,
    );
    id = await world.makeServer({
      name: 'My Server',
      key_name: 'key',
      metadata: { role: 'web' },
      user_data: Buffer.from('#!/bin/sh\n').toString('base64'),
      networks: [{ uuid: world.networkId, tag: 'lan' }],
    });
    address = (await world.show(id)).addresses.net[0].addr;
  });
  afterAll(() => world.close());

  const ask = async (path: string, more: { method?: string; body?: Uint8Array; from?: string } = {}) => {
    const answer = await world.assembled.busHandlers['metadata.get']!({
      networkId: world.networkId,
      sourceAddress: more.from ?? address,
      method: more.method ?? 'GET',
      path,
      headers: {},
      ...(more.body && { body: more.body }),
    });
    return { ...answer, text: Buffer.from(answer.body).toString() };
  };
  const text = async (path: string) => (await ask(path)).text;

  test('OpenStack’s format, by release', async () => {
    const meta = await ask('/openstack/latest/meta_data.json');
    expect([meta.status, meta.contentType]).toEqual([200, 'application/json']);
    expect(JSON.parse(meta.text)).toEqual({
      uuid: id,
      meta: { role: 'web' },
      public_keys: { key: 'ssh-ed25519 AAAA' },
      keys: [{ name: 'key', type: 'ssh', data: 'ssh-ed25519 AAAA' }],
      hostname: 'my-server.novalocal',
      name: 'My Server',
      launch_index: 0,
      availability_zone: 'nova',
      random_seed: expect.any(String),
      project_id: 'project-a',
      devices: [
        {
          type: 'nic',
          mac: expect.any(String),
          bus: 'pci',
          address: 'none',
          tags: ['lan'],
          vf_trusted: false,
        },
      ],
      dedicated_cpus: [],
    });
    expect(Object.keys(JSON.parse(await text('/openstack/2012-08-10/meta_data.json')))).not.toContain(
      'project_id',
    );
    expect(await text('/openstack/')).toBe(
      '2012-08-10\n2013-04-04\n2013-10-17\n2015-10-15\n2016-06-30\n2016-10-06\n2017-02-22\n2018-08-27\n2020-10-14\n2025-04-04\nlatest',
    );
    expect(await text('/openstack/latest/')).toBe(
      'meta_data.json\nuser_data\npassword\nvendor_data.json\nnetwork_data.json\nvendor_data2.json',
    );
    expect(await text('/openstack/2012-08-10')).toBe('meta_data.json\nuser_data');
    expect(await text('/openstack/latest/user_data')).toBe('#!/bin/sh\n');
    expect(await text('/openstack/latest/vendor_data.json')).toBe('{"colour":"blue"}');
    expect(await text('/openstack/latest/vendor_data2.json')).toBe('{"static":{"colour":"blue"}}');
    for (const path of [
      '/openstack/2011-01-01',
      '/openstack/latest/nothing',
      '/openstack/2012-08-10/vendor_data.json',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
  });

  test('the network as the guest should set it up', async () => {
    const [port] = await world.network.portsOf([id]);
    const link = `tap${port!.id.slice(0, 11)}`;
    expect(JSON.parse(await text('/openstack/latest/network_data.json'))).toEqual({
      links: [{ id: link, vif_id: port!.id, type: 'ovs', mtu: 1442, ethernet_mac_address: port!.mac }],
      networks: [{ id: 'network0', type: 'ipv4_dhcp', link, network_id: world.networkId }],
      services: [{ type: 'dns', address: '10.0.0.2' }],
    });
  });

  test('EC2’s format, with and without its prefix', async () => {
    expect(await text('/')).toMatch(/^1\.0\n2007-01-19\n[\s\S]*\nlatest$/);
    expect(await text('/latest')).toBe('meta-data/\nuser-data');
    expect((await text('/latest/meta-data/')).split('\n')).toEqual([
      'ami-id',
      'ami-launch-index',
      'ami-manifest-path',
      'block-device-mapping/',
      'hostname',
      'instance-action',
      'instance-id',
      'instance-type',
      'local-hostname',
      'local-ipv4',
      'placement/',
      'public-hostname',
      'public-ipv4',
      'public-keys/',
      'reservation-id',
      'security-groups',
    ]);
    expect(await text('/1.0/meta-data')).not.toContain('placement');
    expect(await text('/latest/meta-data/instance-id')).toBe('i-00000001');
    expect(await text('/ec2/latest/meta-data/local-ipv4')).toBe(address);
    expect(await text('/latest/meta-data/public-keys/')).toBe('0=key');
    expect(await text('/latest/meta-data/public-keys/0/')).toBe('openssh-key');
    expect(await text('/latest/meta-data/public-keys/0/openssh-key')).toBe('ssh-ed25519 AAAA');
    expect(await text('/latest/meta-data/placement/availability-zone')).toBe('nova');
    expect(await text('/latest/meta-data/block-device-mapping/root')).toBe('/dev/vda');
    expect(await text('/latest/meta-data/security-groups')).toBe('default');
    expect(await text('/latest/user-data')).toBe('#!/bin/sh\n');
    expect((await ask('/latest/meta-data/nothing')).status).toBe(404);
    expect((await ask('/latest/meta-data/hostname/x')).status).toBe(404);
    expect((await ask('/latest/meta-data/constructor')).status).toBe(404);
    await world.network.associateFloatingIp(
      null as never,
      '172.24.4.9',
      (await world.network.portsOf([id]))[0]!.id,
    );
    expect(await text('/latest/meta-data/public-ipv4')).toBe('172.24.4.9');
  });

  test('only the guest at that address is told', async () => {
    expect((await ask('/openstack/latest/meta_data.json', { from: '10.0.250.250' })).status).toBe(404);
    expect((await ask('/openstack/latest/meta_data.json', { method: 'PUT' })).status).toBe(405);
  });

  test('a port of another project that names the server is told nothing of it, and is no part of it', async () => {
    const foreign = world.network.putPort(crypto.randomUUID(), world.networkId, 'project-b');
    const theirs = foreign.addresses[0]!.address;
    const answers = async () => [
      (await ask('/openstack/latest/user_data', { from: theirs })).status,
      (await world.show(id)).addresses.net.some(({ addr }: { addr: string }) => addr === theirs),
    ];
    world.network.ports.set(foreign.id, { ...foreign, deviceId: id });
    expect(await answers()).toEqual([404, false]);
    world.network.ports.set(foreign.id, { ...foreign, deviceId: id, projectId: 'project-a' });
    expect(await answers()).toEqual([200, true]);
    world.network.ports.delete(foreign.id);
  });

  test('another of the server’s notes that changes meanwhile does not refuse the password', async () => {
    const { servers } = world.compute;
    const other = await world.makeServer();
    const find = servers.find.bind(servers);
    const found = vi.spyOn(servers, 'find').mockImplementationOnce(async (...wanted) => {
      const server = await find(...wanted);
      await servers.update(other, { systemMetadata: { ...server!.systemMetadata, old_vm_state: 'active' } });
      return server;
    });
    expect(await servers.keepPassword(other, 'sealed')).toBe(true);
    found.mockRestore();
    const { systemMetadata } = (await servers.find(other))!;
    expect(systemMetadata).toMatchObject({ password: 'sealed', old_vm_state: 'active' });
    expect(await servers.keepPassword(other, 'another')).toBe(false);
  });

  test('a guest posts its password once', async () => {
    const path = '/openstack/latest/password';
    expect(await text(path)).toBe('');
    expect((await ask(path, { method: 'POST', body: Buffer.from('x'.repeat(1021)) })).status).toBe(400);
    expect((await ask(path, { method: 'POST', body: Buffer.from('sealed') })).status).toBe(200);
    expect((await ask(path, { method: 'POST', body: Buffer.from('again') })).status).toBe(409);
    expect(await text(path)).toBe('sealed');
    const at = `/servers/${id}/os-server-password`;
    expect((await world.send('GET', at)).body).toEqual({ password: 'sealed' });
    expect((await world.send('DELETE', at, undefined, { as: 'reader' })).status).toBe(403);
    // what an operation noted of the server meanwhile stays
    const { servers } = world.compute;
    const { systemMetadata } = (await servers.find(id))!;
    vi.spyOn(servers, 'update').mockImplementationOnce(async (...args) => {
      await servers.update(id, { systemMetadata: { ...systemMetadata, noted: 'yes' } });
      return servers.update(...args);
    });
    expect((await world.send('DELETE', at)).status).toBe(204);
    expect((await world.send('GET', at)).body).toEqual({ password: '' });
    expect((await servers.find(id))!.systemMetadata).toMatchObject({ noted: 'yes' });
  });

  test('the config drive holds it all, and what only the build knows', async () => {
    const drive = await world.makeServer({
      config_drive: true,
      adminPass: 'open sesame',
      user_data: Buffer.from('#!/bin/sh\n').toString('base64'),
    });
    expect(await world.show(drive)).toMatchObject({ config_drive: 'True' });
    const files = world.hypervisors[0]!.guests.get(drive)!.spec.configDrive!;
    const byPath = new Map(files.map((file) => [file.path, file]));
    expect([...byPath.keys()]).toEqual(
      expect.arrayContaining([
        'ec2/2009-04-04/meta-data.json',
        'ec2/latest/user-data',
        'openstack/2012-08-10/meta_data.json',
        'openstack/latest/network_data.json',
        'openstack/latest/vendor_data2.json',
      ]),
    );
    expect(byPath.has('openstack/latest/password')).toBe(false);
    expect(JSON.parse(byPath.get('openstack/latest/meta_data.json')!.content).admin_pass).toBe('open sesame');
    const server = (await world.compute.servers.find(drive))!;
    const later = await configDriveFiles(world.compute, server);
    expect(later.find((f) => f.path === 'openstack/latest/meta_data.json')!.content).not.toContain(
      'admin_pass',
    );
  });

  test('files are injected by way of the drive', async () => {
    const answer = await world.send(
      'POST',
      '/servers',
      {
        server: {
          name: 'vm',
          imageRef: world.imageId,
          flavorRef: '1',
          config_drive: true,
          personality: [{ path: '/etc/motd', contents: Buffer.from('hi').toString('base64') }],
        },
      },
      { version: '2.1' },
    );
    await world.sagas.idle();
    const files = world.hypervisors[0]!.guests.get(answer.body.server.id)!.spec.configDrive!;
    expect(files.find((f) => f.path === 'openstack/content/0000')).toMatchObject({
      encoding: 'base64',
      content: 'aGk=',
    });
    const meta = JSON.parse(files.find((f) => f.path === 'openstack/latest/meta_data.json')!.content);
    expect(meta.files).toEqual([{ path: '/etc/motd', content_path: '/content/0000' }]);
  });
});
