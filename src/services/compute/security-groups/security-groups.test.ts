import { afterAll, beforeAll, expect, test } from 'vitest';

import type { NetworkContract, PortFacts } from '#contracts/network.ts';
import { absent, asVersion, type ComputeForTest, peerAt, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';
import { putServers } from '#test/support/servers.ts';

const member = { as: 'member' };
const noSuchId = '6a4f4a8e-1b0b-4b3e-9d5d-0a1c54a6a9d0';

describeEachEngine('the proxy of security groups', (databases) => {
  let network: TestNetwork;
  let cloud: ComputeForTest;
  const groupsOfPort: string[] = [];
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_security_group: 8 });
    const api = peerAt(network.client);
    cloud = await startCompute(await databases.open(), {
      parts: {
        peers: { network: api, image: api },
        network: absent<NetworkContract>('network', {
          portsOf: async ([id]) =>
            id === 'in-groups'
              ? [
                  {
                    deviceId: id,
                    projectId: 'project-a',
                    securityGroups: groupsOfPort,
                  } as unknown as PortFacts,
                ]
              : [],
        }),
      },
    });
  });
  afterAll(async () => {
    await cloud.close();
    await network.close();
  });

  const create = async (name: string, options: { as: string } = member) => {
    const body = { security_group: { name, description: `of ${name}` } };
    return cloud.client.post('/os-security-groups', body, options);
  };
  const made = async (name: string) => (await create(name)).body.security_group;
  const addRule = (rule: object) =>
    cloud.client.post('/os-security-group-rules', { security_group_rule: rule }, member);
  const names = async (path: string, as = 'member') =>
    (await cloud.client.get(path, { as })).body.security_groups.map((g: { name: string }) => g.name);

  test('a group is made, shown, renamed and deleted', async () => {
    const { status, body } = await create('web');
    expect(status).toBe(200);
    const group = body.security_group;
    expect(group).toEqual({
      id: expect.any(String),
      name: 'web',
      description: 'of web',
      tenant_id: 'project-a',
      rules: [],
    });
    const path = `/os-security-groups/${group.id}`;
    expect((await cloud.client.get(path, { as: 'reader' })).body).toEqual({ security_group: group });
    const renamed = { name: 'web2', description: '' };
    expect((await cloud.client.put(path, { security_group: renamed }, member)).body).toEqual({
      security_group: { ...group, ...renamed },
    });
    expect((await cloud.client.delete(path, { as: 'stranger' })).status).toBe(404);
    expect((await cloud.client.delete(path, member)).status).toBe(202);
    expect((await cloud.client.get(path, member)).status).toBe(404);
    expect((await cloud.client.delete(path, member)).status).toBe(404);
  });

  test('groups are listed by project and name', async () => {
    const { id } = await made('a-first');
    expect(await names('/os-security-groups')).toEqual(['a-first', 'default']);
    expect(await names('/os-security-groups', 'stranger')).toEqual(['default']);
    expect(await names('/os-security-groups?all_tenants=1', 'stranger')).toEqual(['default']);
    expect(await names('/os-security-groups?all_tenants=1', 'admin')).toEqual(
      expect.arrayContaining(['a-first', 'default']),
    );
    expect(await names('/os-security-groups?limit=1')).toHaveLength(1);
    expect(await names('/os-security-groups?offset=1')).toHaveLength(1);
    expect(await names('/os-security-groups?offset=2&limit=0')).toEqual([]);
    expect((await cloud.client.get('/os-security-groups?limit=-1', member)).status).toBe(400);
    await cloud.client.delete(`/os-security-groups/${id}`, member);
  });

  test('a rule for addresses is made, shown with its group and deleted', async () => {
    const group = await made('with-rules');
    const rule = { parent_group_id: group.id, ip_protocol: 'tcp', from_port: '22', to_port: 22 };
    const { status, body } = await addRule({ ...rule, cidr: '10.0.0.0/8' });
    expect(status).toBe(200);
    const shown = {
      ...rule,
      id: expect.any(String),
      from_port: 22,
      group: {},
      ip_range: { cidr: '10.0.0.0/8' },
    };
    expect(body).toEqual({ security_group_rule: shown });
    const path = `/os-security-groups/${group.id}`;
    expect((await cloud.client.get(path, member)).body.security_group.rules).toEqual([shown]);
    expect(await addRule({ ...rule, cidr: '10.0.0.0/8' })).toMatchObject({
      status: 400,
      body: { badRequest: { message: `This rule already exists in group ${group.id}` } },
    });
    const rulePath = `/os-security-group-rules/${body.security_group_rule.id}`;
    expect((await cloud.client.delete(rulePath, { as: 'reader' })).status).toBe(403);
    expect((await cloud.client.delete(rulePath, member)).status).toBe(202);
    expect((await cloud.client.delete(rulePath, member)).status).toBe(404);
    await cloud.client.delete(path, member);
  });

  test('a rule for members of a group may leave its ports out', async () => {
    const group = await made('inner');
    const sender = await made('outer');
    const rule = { parent_group_id: group.id, group_id: sender.id };
    const expected = { group: { name: 'outer', tenant_id: 'project-a' }, ip_range: {} };
    const makes = async (written: object) =>
      (await addRule({ ...rule, ...written })).body.security_group_rule;
    expect(await makes({})).toMatchObject({
      ...expected,
      ip_protocol: null,
      from_port: null,
      to_port: null,
    });
    expect(await makes({ ip_protocol: 'TCP' })).toMatchObject({ ...expected, from_port: 1, to_port: 65_535 });
    expect(await makes({ ip_protocol: 'icmp' })).toMatchObject({ ...expected, from_port: -1, to_port: -1 });
    // as in Nova, where Network is the one to refuse the same again
    expect((await addRule(rule)).status).toBe(403);
    const { rules } = (await cloud.client.get(`/os-security-groups/${group.id}`, member)).body.security_group;
    expect(rules).toHaveLength(3);
    expect(rules[0].group).toEqual(expected.group);
    await cloud.client.delete(`/os-security-groups/${group.id}`, member);
    await cloud.client.delete(`/os-security-groups/${sender.id}`, member);
  });

  test.each([
    [{}, 'Not enough parameters to build a valid rule.'],
    [{ ip_protocol: 'tcp', from_port: 1 }, 'Not enough parameters to build a valid rule.'],
    [{ ip_protocol: 'gre', from_port: 1, to_port: 1 }, 'Invalid IP protocol gre.'],
    [
      { ip_protocol: 'tcp', from_port: 'x', to_port: 1 },
      'Invalid input received: To and From ports must be integers',
    ],
    [
      { ip_protocol: 'icmp', from_port: 'x', to_port: 1 },
      'Invalid input received: Type and Code must be integers for ICMP protocol type',
    ],
    [
      { ip_protocol: 'tcp', from_port: 2, to_port: 1 },
      'Invalid port range 2:1. Former value cannot be greater than the later',
    ],
    [
      { ip_protocol: 'udp', from_port: 0, to_port: 1 },
      'Invalid port range 0:1. Valid UDP ports should be between 1-65535',
    ],
    [
      { ip_protocol: 'icmp', from_port: 256, to_port: 1 },
      'Invalid port range 256:1. For ICMP, the type:code must be valid',
    ],
    [
      { ip_protocol: 'tcp', from_port: 1, to_port: 1, cidr: '10.0.0.1' },
      '10.0.0.1 is not a valid IP network.',
    ],
    [
      { ip_protocol: 'tcp', from_port: 1, to_port: 1, cidr: '10.0.0.0/33' },
      '10.0.0.0/33 is not a valid IP network.',
    ],
    [
      { ip_protocol: 'tcp', from_port: 1, to_port: 1, cidr: '10.0.0.0/0' },
      'Bad prefix for network in cidr 10.0.0.0/0',
    ],
  ])('a rule %o is refused', async (rule, message) => {
    const group = await made('strict');
    expect(await addRule({ parent_group_id: group.id, ...rule })).toMatchObject({
      status: 400,
      body: { badRequest: { message } },
    });
    await cloud.client.delete(`/os-security-groups/${group.id}`, member);
  });

  test('what is not there, and what could not be, are told apart', async () => {
    for (const path of ['/os-security-groups', '/os-security-group-rules']) {
      expect(await cloud.client.delete(`${path}/x`, member)).toMatchObject({
        status: 400,
        body: { badRequest: { message: 'Security group id should be uuid' } },
      });
      expect((await cloud.client.delete(`${path}/${noSuchId}`, member)).status).toBe(404);
    }
    expect((await addRule({ parent_group_id: noSuchId })).status).toBe(404);
    expect((await addRule({ parent_group_id: 'x' })).status).toBe(400);
    const long = { security_group: { name: 'x'.repeat(256), description: '' } };
    expect((await cloud.client.post('/os-security-groups', long, member)).status).toBe(400);
  });

  test('the default group stays, and a quota is kept', async () => {
    const { body } = await cloud.client.get('/os-security-groups', member);
    const ofDefault = body.security_groups.find((g: { name: string }) => g.name === 'default');
    expect((await cloud.client.delete(`/os-security-groups/${ofDefault.id}`, member)).status).toBe(400);
    const statuses = [];
    const ids = [];
    for (let i = 0; i < 8; i++) {
      const answer = await create(`many-${i}`);
      statuses.push(answer.status);
      if (answer.status === 200) ids.push(answer.body.security_group.id);
    }
    expect(statuses.at(-1)).toBe(403);
    expect(ids).toHaveLength(7);
    for (const id of ids) await cloud.client.delete(`/os-security-groups/${id}`, member);
  });

  test('a server’s groups are listed in every version', async () => {
    await putServers(cloud.compute, { id: 'in-groups' }, { id: 'in-none' });
    const second = await made('second');
    const first = await made('first');
    groupsOfPort.push(second.id, first.id);
    const path = '/servers/in-groups/os-security-groups';
    for (const version of ['2.1', '2.104']) {
      const { body } = await cloud.client.get(path, { ...member, ...asVersion(version) });
      expect(body).toEqual({ security_groups: [first, second] });
    }
    const none = await cloud.client.get('/servers/in-none/os-security-groups', member);
    expect(none.body).toEqual({ security_groups: [] });
    expect((await cloud.client.get(path, { as: 'stranger' })).status).toBe(404);
    expect((await cloud.client.get(`${path}?x=1`, { ...member, ...asVersion('2.102') })).status).toBe(400);
    expect((await cloud.client.get(`${path}?x=1`, { ...member, ...asVersion('2.101') })).status).toBe(200);
    for (const { id } of [first, second]) await cloud.client.delete(`/os-security-groups/${id}`, member);
  });

  test('the proxy ends with 2.35', async () => {
    const status = async (version: string) =>
      (await cloud.client.get('/os-security-groups', { ...member, ...asVersion(version) })).status;
    expect(await status('2.35')).toBe(200);
    expect(await status('2.36')).toBe(404);
  });
});
