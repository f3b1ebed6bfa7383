import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { NetworkContract } from '#contracts/network.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';
import { personas } from '#test/support/personas.ts';

describeEachEngine('what Network offers other services', (databases) => {
  let network: TestNetwork;
  let contract: NetworkContract;
  let networkId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_port: 20 });
    ({ contract } = network.assembled);
    network.fabric.addHost('host-1');
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    ({ id: networkId } = await network.make('networks', { name: 'net' }));
    await network.make('subnets', {
      network_id: networkId,
      ip_version: 4,
      cidr: '10.9.0.0/24',
      // the addresses below it are named by tests, so none of them may be handed out by chance
      allocation_pools: [{ start: '10.9.0.100', end: '10.9.0.254' }],
      dns_nameservers: ['10.9.0.53'],
    });
  });

  const newPort = (fields: object = {}) => ({
    id: randomUUID(),
    networkId,
    projectId: projectA,
    deviceId: randomUUID(),
    deviceOwner: 'compute:nova',
    securityGroups: [],
    ...fields,
  });

  test('a port made for a server, twice, is one port with everything a guest needs', async () => {
    const wanted = newPort({ fixedIp: '10.9.0.77' });
    const made = await contract.createPort(wanted);
    expect(await contract.createPort(wanted)).toEqual(made);
    expect(made).toMatchObject({
      id: wanted.id,
      networkName: 'net',
      networkMtu: 1442,
      status: 'DOWN',
      host: '',
      vifType: 'unbound',
      securityGroups: [expect.any(String)],
      portSecurity: true,
    });
    expect(made.addresses).toEqual([
      {
        address: '10.9.0.77',
        version: 4,
        subnetId: expect.any(String),
        cidr: '10.9.0.0/24',
        gateway: '10.9.0.1',
        dnsServers: ['10.9.0.53'],
        routes: [],
        dhcp: true,
        ipv6AddressMode: null,
        floating: [],
      },
    ]);
    expect(await contract.portByAddress(networkId, '10.9.0.77')).toEqual(made);
    expect(await contract.portsOf([wanted.deviceId])).toEqual([made]);
    await contract.deletePort(wanted.id);
    await contract.deletePort(wanted.id);
    await expect(contract.port(wanted.id)).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('a bound port goes up when it is plugged, and listeners hear of it', async () => {
    const heard: string[] = [];
    contract.onPort(({ portId, status }) => heard.push(`${portId} ${status}`));
    const { id, deviceId } = newPort();
    await contract.createPort(newPort({ id, deviceId }));
    const bound = await contract.bindPort(id, 'host-1');
    expect(bound).toMatchObject({ host: 'host-1', vifType: 'ovs', status: 'DOWN' });
    network.fabric.plug('host-1', id);
    await expect.poll(async () => (await contract.port(id)).status).toBe('ACTIVE');
    network.fabric.unplug('host-1', id);
    await expect.poll(async () => (await contract.port(id)).status).toBe('DOWN');
    await contract.deletePort(id);
    expect(heard).toEqual([`${id} ACTIVE`, `${id} DOWN`, `${id} DELETED`]);
  });

  test('a port serves one device at a time', async () => {
    const { id } = await network.make('ports', { network_id: networkId });
    await contract.claimPort(id, { id: 'server-1', owner: 'compute:nova' });
    expect(await contract.claimPort(id, { id: 'server-1', owner: 'compute:nova' })).toMatchObject({
      deviceId: 'server-1',
    });
    await expect(contract.claimPort(id, { id: 'server-2', owner: 'compute:nova' })).rejects.toMatchObject({
      kind: 'conflict',
      details: { type: 'PortInUse' },
    });
    await contract.bindPort(id, 'host-1');
    await contract.releasePort(id);
    expect(await contract.port(id)).toMatchObject({ deviceId: '', deviceOwner: '', host: '' });
    await contract.releasePort(randomUUID());
    await contract.unbindPort(randomUUID());
  });

  test('a port takes the name of the server it serves, unless it has another one', async () => {
    const nameOf = async (id: string) => (await network.client.get(`/ports/${id}`)).body.port.dns_name;
    const { id } = await network.make('ports', { network_id: networkId });
    const server = { id: 'server-1', owner: 'compute:nova', dnsName: 'Web' };
    await contract.claimPort(id, server);
    await contract.claimPort(id, server);
    expect(await nameOf(id)).toBe('web');
    await contract.releasePort(id);
    expect(await nameOf(id)).toBe('');
    const named = await network.make('ports', { network_id: networkId, dns_name: 'db' });
    await expect(contract.claimPort(named.id, server)).rejects.toMatchObject({
      kind: 'badRequest',
      message: `Port ${named.id} not usable for instance server-1. Value db assigned to dns_name attribute does not match instance's hostname web`,
    });
    await contract.claimPort(named.id, { ...server, dnsName: 'db' });
  });

  test('callers see what is theirs and what is shared', async () => {
    const shared = await network.make('networks', { name: 'for all', shared: true }, { as: 'admin' });
    const mine = await contract.networks(personas.stranger);
    expect(mine.map((n) => n.id)).toEqual([shared.id]);
    expect(await contract.networks(personas.stranger, [networkId, shared.id])).toHaveLength(1);
    expect((await contract.networks(personas.member, [shared.id, networkId])).map((n) => n.id)).toEqual([
      shared.id,
      networkId,
    ]);
    const { id } = await network.make('ports', { network_id: networkId });
    await expect(contract.port(id, personas.stranger)).rejects.toMatchObject({ kind: 'notFound' });
    await network.client.delete(`/networks/${shared.id}`);
  });

  test('security groups are found by name or id', async () => {
    const [byName] = await contract.securityGroups(personas.member, ['default']);
    expect(byName).toMatchObject({ name: 'default', projectId: projectA });
    expect(await contract.securityGroups(personas.member, [byName!.id])).toEqual([byName]);
    expect(await contract.securityGroupsById([byName!.id])).toEqual([byName]);
    await expect(contract.securityGroups(personas.member, ['none'])).rejects.toMatchObject({
      kind: 'notFound',
    });
    for (const description of ['one', 'two'])
      await network.make('security-groups', { name: 'twin', description });
    await expect(contract.securityGroups(personas.member, ['twin'])).rejects.toMatchObject({
      kind: 'conflict',
    });
    const { id } = await network.make('ports', { network_id: networkId });
    await contract.setSecurityGroups(id, []);
    expect((await contract.port(id)).securityGroups).toEqual([]);
  });

  test('room is looked for before servers are made', async () => {
    await contract.checkRoom(personas.member, networkId, 3);
    await expect(contract.checkRoom(personas.member, networkId, 100)).rejects.toMatchObject({
      kind: 'overQuota',
    });
    await expect(contract.checkRoom(personas.member, networkId, 1, '10.8.0.1')).rejects.toMatchObject({
      details: { type: 'InvalidIpForNetwork' },
    });
    await contract.createPort(newPort({ fixedIp: '10.9.0.5' }));
    await expect(contract.checkRoom(personas.member, networkId, 1, '10.9.0.5')).rejects.toMatchObject({
      details: { type: 'IpAddressInUse' },
    });
    const tiny = await network.make('networks', {}, { as: 'admin' });
    await network.make(
      'subnets',
      { network_id: tiny.id, ip_version: 4, cidr: '10.0.0.0/29' },
      { as: 'admin' },
    );
    await expect(contract.checkRoom(personas.admin, tiny.id, 5)).rejects.toMatchObject({
      details: { type: 'IpAddressGenerationFailure' },
    });
    await expect(contract.checkRoom(personas.member, tiny.id, 1)).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('an agent hears in which networks it serves metadata', async () => {
    const { id } = newPort();
    await contract.createPort(newPort({ id }));
    await contract.bindPort(id, 'host-7');
    const served = await network.assembled.busHandlers['metadata.networks']!({ host: 'host-7' });
    expect(served).toEqual([
      {
        networkId,
        portId: expect.any(String),
        mac: expect.stringMatching(/^fa:16:3e:/),
        cidrs: [expect.stringMatching(/^10\.9\.0\.\d+\/24$/)],
        mtu: 1442,
      },
    ]);
    expect(await network.assembled.busHandlers['metadata.networks']!({ host: 'elsewhere' })).toEqual([]);
  });

  test('a host hears when metadata is to be served there otherwise', async () => {
    const heard: string[] = [];
    network.service.onHostRewired((host) => heard.push(host));
    const hears = async (change: () => Promise<unknown>) => {
      heard.length = 0;
      await change();
      return heard;
    };
    const [first, second] = [newPort({ host: 'host-1' }), newPort({ host: 'host-2' })];
    expect(await hears(() => contract.createPort(first)), 'it plugs the port in by itself').toEqual([]);
    await contract.createPort(second);
    const more = { network_id: networkId, ip_version: 4, cidr: '10.10.0.0/24' };
    const subnet = await network.make('subnets', more);
    expect(heard.toSorted()).toEqual(['host-1', 'host-2']);
    const path = `/networks/${networkId}`;
    const smaller = () => network.client.put(path, { network: { mtu: 1300 } }, { as: 'member' });
    expect((await hears(smaller)).toSorted()).toEqual(['host-1', 'host-2']);
    const drop = () => network.client.delete(`/subnets/${subnet.id}`, { as: 'member' });
    expect((await hears(drop)).toSorted()).toEqual(['host-1', 'host-2']);
    expect(await hears(() => contract.bindPort(first.id, 'host-3'))).toEqual(['host-1']);
    expect(await hears(() => contract.unbindPort(first.id))).toEqual(['host-3']);
    expect(await hears(() => contract.releasePort(second.id))).toEqual(['host-2']);
    await contract.bindPort(second.id, 'host-4');
    expect(await hears(() => contract.deletePort(second.id))).toEqual(['host-4']);
    expect(await hears(() => contract.deletePort(first.id))).toEqual([]);
  });
});
