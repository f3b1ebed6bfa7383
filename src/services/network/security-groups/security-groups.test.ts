import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('security groups', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_security_group: -1, quota_security_group_rule: -1 });
  });
  afterAll(() => network.close());

  const as = (persona: string) => ({ as: persona });
  const makeRule = (fields: object, persona = 'member') =>
    network.client.post(
      '/security-group-rules',
      { security_group_rule: { direction: 'ingress', ...fields } },
      { as: persona },
    );

  test('a group starts with rules that let everything out', async () => {
    const made = await network.make('security-groups', { name: 'web', description: 'd' });
    const rule = (ethertype: string) => ({
      id: expect.any(String),
      project_id: projectA,
      tenant_id: projectA,
      security_group_id: made.id,
      direction: 'egress',
      ethertype,
      protocol: null,
      port_range_min: null,
      port_range_max: null,
      remote_ip_prefix: null,
      remote_group_id: null,
      remote_address_group_id: null,
      normalized_cidr: null,
      belongs_to_default_sg: false,
      description: '',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 0,
    });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'web',
      description: 'd',
      stateful: true,
      shared: false,
      project_id: projectA,
      tenant_id: projectA,
      security_group_rules: expect.arrayContaining([rule('IPv4'), rule('IPv6')]),
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 1,
    });
    expect(network.fabric.row('securityGroup', made.id)!.rules).toHaveLength(2);
  });

  test('every project has a default group whose members reach each other', async () => {
    const { body } = await network.client.get('/security-groups', as('stranger'));
    expect(body.security_groups).toHaveLength(1);
    const [group] = body.security_groups;
    expect(group).toMatchObject({ name: 'default', description: 'Default security group' });
    const ingress = group.security_group_rules.filter(
      (r: { direction: string }) => r.direction === 'ingress',
    );
    expect(ingress.map((r: { remote_group_id: string }) => r.remote_group_id)).toEqual([group.id, group.id]);
    expect(group.security_group_rules[0].belongs_to_default_sg).toBe(true);
    for (const name of ['default', 'Default']) {
      const again = await network.client.post(
        '/security-groups',
        { security_group: { name } },
        as('stranger'),
      );
      expect(again.status).toBe(409);
      expect(again.body.NeutronError).toMatchObject({
        type: 'SecurityGroupDefaultAlreadyExists',
        message: 'Default security group already exists.',
      });
    }
    const renamed = await network.client.put(
      `/security-groups/${group.id}`,
      { security_group: { name: 'x' } },
      as('stranger'),
    );
    expect(renamed.body.NeutronError.type).toBe('SecurityGroupCannotUpdateDefault');
    expect((await network.client.delete(`/security-groups/${group.id}`, as('stranger'))).status).toBe(409);
    expect((await network.client.delete(`/security-groups/${group.id}`)).status).toBe(204);
  });

  test('groups made at once for a project share one default group', async () => {
    await Promise.all(
      [1, 2, 3, 4].map((n) => network.make('security-groups', { name: `g${n}` }, as('admin'))),
    );
    const { body } = await network.client.get('/security-groups?name=default&project_id=admin-project');
    expect(body.security_groups).toHaveLength(1);
  });

  test('administrators who look for the groups of a project find at least its default one', async () => {
    const { body } = await network.client.get('/security-groups?project_id=project-new');
    expect(body.security_groups).toEqual([
      expect.objectContaining({ name: 'default', project_id: 'project-new' }),
    ]);
    const again = await network.client.get('/security-groups?tenant_id=project-new');
    expect(again.body.security_groups).toEqual(body.security_groups);
    // nobody else makes one for another project
    const foreign = '/security-groups?project_id=project-other';
    expect((await network.client.get(foreign, as('member'))).body.security_groups).toEqual([]);
    expect((await network.client.get('/security-groups')).body.security_groups).not.toContainEqual(
      expect.objectContaining({ project_id: 'project-other' }),
    );
  });

  test('rules are brought into one form', async () => {
    const { id } = await network.make('security-groups', { name: 'forms' });
    const rule = async (fields: object) => {
      const { status, body } = await makeRule({ security_group_id: id, ...fields });
      expect(status, JSON.stringify(body)).toBe(201);
      return body.security_group_rule;
    };
    expect(
      await rule({
        protocol: 'TCP',
        port_range_min: '22',
        port_range_max: 22,
        remote_ip_prefix: '10.0.0.5/24',
      }),
    ).toMatchObject({
      protocol: 'tcp',
      port_range_min: 22,
      remote_ip_prefix: '10.0.0.5/24',
      normalized_cidr: '10.0.0.0/24',
      ethertype: 'IPv4',
    });
    expect(await rule({ protocol: 17, remote_ip_prefix: '10.0.0.9' })).toMatchObject({
      protocol: '17',
      remote_ip_prefix: '10.0.0.9/32',
    });
    expect(await rule({ protocol: 'icmp', ethertype: 'ipv6' })).toMatchObject({
      protocol: 'ipv6-icmp',
      ethertype: 'IPv6',
    });
    expect(
      await rule({ protocol: 'any', direction: 'egress', remote_ip_prefix: '10.1.0.0/16' }),
    ).toMatchObject({
      protocol: null,
    });
    expect(await rule({ protocol: 'udp', port_range_min: 1, port_range_max: 65535 })).toMatchObject({
      port_range_min: null,
      port_range_max: null,
    });
    expect(await rule({ protocol: 'icmp', port_range_min: 8, port_range_max: 0 })).toMatchObject({
      port_range_min: 8,
      port_range_max: 0,
    });
    const wanted = network.fabric.row('securityGroup', id)!.rules;
    expect(wanted).toContainEqual({
      id: expect.any(String),
      direction: 'ingress',
      version: 4,
      protocol: 'tcp',
      min: 22,
      max: 22,
      remoteCidr: '10.0.0.5/24',
      remoteGroup: null,
    });
  });

  test.each([
    [{ protocol: 'bad' }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 'constructor' }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 256 }, 'SecurityGroupRuleInvalidProtocol'],
    [{ protocol: -1 }, 'SecurityGroupRuleInvalidProtocol'],
    [{ ethertype: 'IPv5' }, 'SecurityGroupRuleInvalidEtherType'],
    [{ direction: 'up' }, 'HTTPBadRequest'],
    [{ protocol: 'tcp', port_range_min: 5, port_range_max: 4 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 5 }, 'SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 0, port_range_max: 4 }, 'SecurityGroupInvalidPortValue'],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 65536 }, 'SecurityGroupInvalidPortValue'],
    [{ port_range_min: 1, port_range_max: 2 }, 'SecurityGroupProtocolRequiredWithPorts'],
    [{ protocol: 'icmp', port_range_min: 256 }, 'SecurityGroupInvalidIcmpValue'],
    [{ protocol: 'icmp', port_range_max: 3 }, 'SecurityGroupMissingIcmpType'],
    [{ protocol: 'gre', port_range_min: 1, port_range_max: 2 }, 'SecurityGroupInvalidProtocolForPort'],
    [{ protocol: 'ipv6-icmp' }, 'SecurityGroupEthertypeConflictWithProtocol'],
    [{ remote_ip_prefix: '2001:db8::/64' }, 'SecurityGroupRuleParameterConflict'],
    [{ remote_ip_prefix: 'x' }, 'InvalidCIDR'],
  ])('a rule with %j is refused', async (fields, type) => {
    const { id } = await network.make('security-groups', {});
    const { status, body } = await makeRule({ security_group_id: id, ...fields });
    expect(status).toBe(400);
    expect(body.NeutronError.type).toBe(type);
  });

  test('a rule has one remote side', async () => {
    const { id } = await network.make('security-groups', {});
    const both = await makeRule({
      security_group_id: id,
      remote_ip_prefix: '10.0.0.0/8',
      remote_group_id: id,
    });
    expect(both.body.NeutronError.type).toBe('SecurityGroupMultipleRemoteEntites');
    const missing = '00000000-0000-4000-8000-000000000000';
    const { status, body } = await makeRule({ security_group_id: id, remote_group_id: missing });
    expect(status).toBe(404);
    expect(body.NeutronError.message).toBe(`Security group ${missing} does not exist`);
    expect((await makeRule({ security_group_id: missing })).status).toBe(404);
  });

  test.each([
    [{ protocol: 'tcp' }, { protocol: '6' }],
    [{ remote_ip_prefix: '0.0.0.0/0' }, {}],
    [
      { ethertype: 'IPv6', protocol: 'icmp' },
      { ethertype: 'IPv6', protocol: 'icmpv6' },
    ],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 65535 }, { protocol: 'tcp' }],
  ])('%j is the same rule as %j', async (one, other) => {
    const { id } = await network.make('security-groups', {});
    const first = await makeRule({ security_group_id: id, ...one });
    expect(first.status).toBe(201);
    const second = await makeRule({ security_group_id: id, ...other });
    expect(second.status).toBe(409);
    expect(second.body.NeutronError).toEqual({
      type: 'SecurityGroupRuleExists',
      message: `Security group rule already exists. Rule id is ${first.body.security_group_rule.id}.`,
      detail: '',
    });
  });

  test('rules are made in bulk, for one group, each once', async () => {
    const { id } = await network.make('security-groups', {});
    const other = await network.make('security-groups', {});
    const bulk = (...rules: object[]) =>
      network.client.post(
        '/security-group-rules',
        { security_group_rules: rules.map((r) => ({ direction: 'ingress', security_group_id: id, ...r })) },
        { as: 'member' },
      );
    expect((await bulk({ protocol: 'tcp' }, { protocol: '6' })).body.NeutronError.type).toBe(
      'DuplicateSecurityGroupRuleInPost',
    );
    expect((await bulk({}, { security_group_id: other.id })).body.NeutronError.type).toBe(
      'SecurityGroupNotSingleGroupRules',
    );
    const made = await bulk({ protocol: 'tcp' }, { protocol: 'udp' });
    expect(made.body.security_group_rules).toHaveLength(2);
    const { body } = await network.client.get(`/security-groups/${id}`, as('member'));
    expect(body.security_group.security_group_rules).toHaveLength(4);
    expect(body.security_group.revision_number).toBe(3);
  });

  test('rules about members of a group go with that group', async () => {
    const web = await network.make('security-groups', { name: 'web' });
    const db = await network.make('security-groups', { name: 'db' });
    await makeRule({ security_group_id: db.id, remote_group_id: web.id });
    expect(network.fabric.row('securityGroup', db.id)!.rules).toHaveLength(3);
    expect((await network.client.delete(`/security-groups/${web.id}`, as('member'))).status).toBe(204);
    expect(network.fabric.row('securityGroup', db.id)!.rules).toHaveLength(2);
    expect(network.fabric.row('securityGroup', web.id)).toBeUndefined();
  });

  test('a group in use stays, and stays as stateful as it is', async () => {
    const { id } = await network.make('security-groups', {});
    const net = await network.make('networks', {});
    const port = await network.make('ports', { network_id: net.id, security_groups: [id] });
    const refused = await network.client.delete(`/security-groups/${id}`, as('member'));
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toEqual({
      type: 'SecurityGroupInUse',
      message: `Security Group ${id} in use.`,
      detail: '',
    });
    const stateless = { security_group: { stateful: false } };
    expect((await network.client.put(`/security-groups/${id}`, stateless, as('member'))).status).toBe(409);
    await network.client.delete(`/ports/${port.id}`, as('member'));
    expect((await network.client.put(`/security-groups/${id}`, stateless, as('member'))).status).toBe(200);
    expect(network.fabric.row('securityGroup', id)!.stateful).toBe(false);
    const stateful = await network.make('security-groups', {});
    const mixed = await network.client.post(
      '/ports',
      { port: { network_id: net.id, security_groups: [id, stateful.id] } },
      as('member'),
    );
    expect(mixed.body.NeutronError.type).toBe('SecurityGroupConflict');
  });

  test('rules belong to whoever owns the group', async () => {
    const { id } = await network.make('security-groups', {});
    expect((await makeRule({ security_group_id: id }, 'reader')).status).toBe(403);
    expect((await makeRule({ security_group_id: id }, 'stranger')).status).toBe(403);
    const { body } = await makeRule({ security_group_id: id });
    const path = `/security-group-rules/${body.security_group_rule.id}`;
    expect((await network.client.get(path, as('stranger'))).status).toBe(404);
    expect((await network.client.get(path, as('reader'))).status).toBe(200);
    expect((await network.client.delete(path, as('stranger'))).status).toBe(404);
    expect((await network.client.delete(path, as('member'))).status).toBe(204);
    expect((await network.client.get(path)).body.NeutronError).toMatchObject({
      type: 'SecurityGroupRuleNotFound',
    });
  });

  test('the rules of new groups can be changed for all', async () => {
    const rule = { direction: 'ingress', protocol: 'icmp' };
    const made = await network.client.post('/default-security-group-rules', {
      default_security_group_rule: rule,
    });
    expect(made.status).toBe(201);
    const { id } = made.body.default_security_group_rule;
    expect(made.body.default_security_group_rule).toMatchObject({
      protocol: 'icmp',
      used_in_default_sg: false,
      used_in_non_default_sg: true,
    });
    const again = await network.client.post('/default-security-group-rules', {
      default_security_group_rule: rule,
    });
    expect(again.body.NeutronError.type).toBe('DefaultSecurityGroupRuleExists');
    const group = await network.make('security-groups', {});
    expect(
      group.security_group_rules.filter((r: { protocol: string }) => r.protocol === 'icmp'),
    ).toHaveLength(1);
    const listed = await network.client.get('/default-security-group-rules', as('reader'));
    expect(listed.body.default_security_group_rules).toHaveLength(5);
    const refused = await network.client.delete(`/default-security-group-rules/${id}`, as('member'));
    expect(refused.status).toBe(403);
    expect((await network.client.delete(`/default-security-group-rules/${id}`)).status).toBe(204);
  });

  test('rules about address groups follow their addresses', async () => {
    const addresses = await network.make('address-groups', { name: 'office', addresses: ['10.1.0.5/24'] });
    expect(addresses).toMatchObject({ name: 'office', addresses: ['10.1.0.0/24'], project_id: projectA });
    const group = await network.make('security-groups', {});
    await makeRule({ security_group_id: group.id, remote_address_group_id: addresses.id });
    const cidrs = () =>
      network.fabric
        .row('securityGroup', group.id)!
        .rules.filter((r) => r.direction === 'ingress')
        .map((r) => r.remoteCidr);
    expect(cidrs()).toEqual(['10.1.0.0/24']);
    const change = (action: string, list: string[]) =>
      network.client.put(`/address-groups/${addresses.id}/${action}`, { addresses: list }, as('member'));
    const added = await change('add_addresses', ['10.2.0.0/24', '2001:db8::/64']);
    expect(added.body.address_group.addresses).toEqual(['10.1.0.0/24', '10.2.0.0/24', '2001:db8::/64']);
    expect(cidrs()).toEqual(['10.1.0.0/24', '10.2.0.0/24']);
    expect((await change('add_addresses', ['10.2.0.0/24'])).body.NeutronError.type).toBe(
      'AddressesAlreadyExist',
    );
    expect((await change('remove_addresses', ['10.9.0.0/24'])).status).toBe(404);
    await change('remove_addresses', ['10.1.0.0/24', '10.2.0.0/24']);
    expect(cidrs()).toEqual([]);
    expect(
      (await network.client.delete(`/address-groups/${addresses.id}`, as('member'))).body.NeutronError.type,
    ).toBe('AddressGroupInUse');
  });
});
