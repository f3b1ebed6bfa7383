import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('address use', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases);
  });
  afterAll(() => network.close());

  test('a network tells how many addresses it has and gave out', async () => {
    const { id } = await network.make('networks', { name: 'counted' });
    const pools = [{ start: '10.9.0.10', end: '10.9.0.29' }];
    const four = await network.make('subnets', {
      network_id: id,
      ip_version: 4,
      cidr: '10.9.0.0/24',
      allocation_pools: pools,
      name: 'four',
    });
    const six = await network.make('subnets', { network_id: id, ip_version: 6, cidr: '2001:db8::/64' });
    await network.make('ports', { network_id: id });
    const answer = await network.client.get(`/network-ip-availabilities/${id}`);
    expect(answer.body.network_ip_availability).toMatchObject({
      network_id: id,
      network_name: 'counted',
      project_id: projectA,
      // the network's own port has one as well
      used_ips: 3,
      subnet_ip_availability: expect.arrayContaining([
        {
          subnet_id: four.id,
          subnet_name: 'four',
          cidr: '10.9.0.0/24',
          ip_version: 4,
          total_ips: 20,
          used_ips: 2,
        },
        expect.objectContaining({ subnet_id: six.id, ip_version: 6, used_ips: 1 }),
      ]),
    });
    // every digit, as Neutron writes it
    const { origin } = network.client;
    const raw = await fetch(`${origin}/v2.0/network-ip-availabilities/${id}`, {
      headers: { 'x-auth-token': 'admin' },
    });
    expect(await raw.text()).toContain('"total_ips":18446744073709551615');
  });

  test('a subnet without pools counts every address of its network, as in Neutron', async () => {
    const { id } = await network.make('networks', {});
    const fields = { network_id: id, ip_version: 4, cidr: '10.9.1.0/24', enable_dhcp: false };
    await network.make('subnets', { ...fields, allocation_pools: [] });
    const { body } = await network.client.get(`/network-ip-availabilities/${id}`);
    expect(body.network_ip_availability).toMatchObject({ total_ips: 256, used_ips: 0 });
  });

  test('it is for administrators, who may narrow it', async () => {
    const { id } = await network.make('networks', { name: 'other' });
    await network.make('subnets', { network_id: id, ip_version: 6, cidr: '2001:db8::/64' });
    const ids = async (query: string) =>
      (await network.client.get(`/network-ip-availabilities?${query}`)).body.network_ip_availabilities.map(
        (row: { network_id: string }) => row.network_id,
      );
    expect(await ids('network_name=other')).toEqual([id]);
    expect(await ids(`network_id=${id}`)).toEqual([id]);
    expect(await ids('ip_version=4')).not.toContain(id);
    expect(await ids(`tenant_id=${projectA}`)).toContain(id);
    const member = await network.client.get('/network-ip-availabilities', { as: 'member' });
    expect(member.body).toEqual({ network_ip_availabilities: [] });
    expect((await network.client.get(`/network-ip-availabilities/${id}`, { as: 'member' })).status).toBe(404);
  });
});
