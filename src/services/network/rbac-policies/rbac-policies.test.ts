import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';
import type { Persona } from '#test/support/personas.ts';

describeEachEngine('RBAC policies', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_rbac_policy: 200 });
  });
  afterAll(() => network.close());

  const open = (fields: object, as: Persona = 'member') =>
    network.client.post('/rbac-policies', { rbac_policy: fields }, { as });
  const typeOf = ({ body }: { body: Made }) => body.NeutronError?.type;
  const seen = async (path: string, as: Persona) => (await network.client.get(path, { as })).status === 200;

  const shareable = [
    ['network', 'networks', {}],
    ['security_group', 'security-groups', { name: 'g' }],
    ['address_scope', 'address-scopes', { name: 's', ip_version: 4 }],
    ['address_group', 'address-groups', { name: 'a', addresses: ['10.0.0.0/8'] }],
    ['subnetpool', 'subnetpools', { name: 'p', prefixes: ['10.0.0.0/8'] }],
  ] as const;

  test.each(shareable)('%s: opened to a project and closed again', async (type, collection, fields) => {
    const { id } = await network.make(collection, fields);
    const path = `/${collection}/${id}`;
    expect(await seen(path, 'stranger')).toBe(false);
    const answer = await open({
      object_type: type,
      object_id: id,
      action: 'access_as_shared',
      target_tenant: 'project-b',
    });
    expect(answer.status).toBe(201);
    const policy = answer.body.rbac_policy;
    expect(policy).toEqual({
      id: expect.any(String),
      project_id: projectA,
      tenant_id: projectA,
      object_type: type,
      object_id: id,
      action: 'access_as_shared',
      target_tenant: 'project-b',
    });
    expect(await seen(path, 'stranger')).toBe(true);
    const listed = await network.client.get(`/${collection}?id=${id}`, { as: 'stranger' });
    const [rows] = Object.values(listed.body) as Made[][];
    expect(rows?.map((row) => row.id)).toEqual([id]);
    expect(await seen(path, 'nobody')).toBe(false);
    expect(
      typeOf(await open({ ...policy, id: undefined, project_id: undefined, tenant_id: undefined })),
    ).toBe('DuplicateRbacPolicy');
    expect((await network.client.delete(`/rbac-policies/${policy.id}`, { as: 'member' })).status).toBe(204);
    expect(await seen(path, 'stranger')).toBe(false);
  });

  test('only owners open what is theirs, only administrators open it to all', async () => {
    const { id } = await network.make('networks', {});
    const shared = { object_type: 'network', object_id: id, action: 'access_as_shared' };
    expect((await open({ ...shared, target_tenant: '*' })).status).toBe(403);
    expect((await open({ ...shared, target_tenant: 'project-b' }, 'reader')).status).toBe(403);
    expect((await open({ ...shared, target_tenant: 'project-c' }, 'stranger')).status).toBe(400);
    expect((await open({ ...shared, target_tenant: '*' }, 'admin')).status).toBe(201);
    expect(await seen(`/networks/${id}`, 'nobody')).toBe(true);
    expect((await network.client.get(`/networks/${id}`, { as: 'stranger' })).body.network.shared).toBe(true);
  });

  test('policies are about things that can be shared and are there', async () => {
    const { id } = await network.make('networks', {});
    const policy = { object_type: 'network', object_id: id, target_tenant: 'project-b' };
    expect((await open({ ...policy, action: 'access_as_bananas' })).status).toBe(400);
    expect((await open({ ...policy, object_type: 'banana', action: 'access_as_shared' })).status).toBe(400);
    const missing = { ...policy, object_id: '00000000-0000-4000-8000-000000000000' };
    expect((await open({ ...missing, action: 'access_as_shared' })).status).toBe(404);
    const group = await network.make('security-groups', { name: 'g' });
    const external = { object_type: 'security_group', object_id: group.id, action: 'access_as_external' };
    expect((await open({ ...external, target_tenant: 'project-b' }, 'admin')).status).toBe(400);
  });

  test('a network is external to those it is opened to as such', async () => {
    const { id } = await network.make('networks', {}, { as: 'admin' });
    const policy = { object_type: 'network', object_id: id, action: 'access_as_external' };
    const { body } = await open({ ...policy, target_tenant: 'project-b' }, 'admin');
    expect(await seen(`/networks/${id}`, 'stranger')).toBe(true);
    expect(await seen(`/networks/${id}`, 'member')).toBe(false);
    expect(network.fabric.row('network', id)?.external).toBe(true);
    const shown = await network.client.get(`/networks/${id}`, { as: 'stranger' });
    expect(shown.body.network).toMatchObject({ 'router:external': true, shared: false });
    await network.client.delete(`/rbac-policies/${body.rbac_policy.id}`, { as: 'admin' });
    expect(network.fabric.row('network', id)?.external).toBe(false);
    expect(await seen(`/networks/${id}`, 'stranger')).toBe(false);
  });

  test('what is used stays open', async () => {
    const { id } = await network.make('networks', {});
    const shared = { object_type: 'network', object_id: id, action: 'access_as_shared' };
    const { rbac_policy: policy } = (await open({ ...shared, target_tenant: 'project-b' })).body;
    const port = await network.make('ports', { network_id: id }, { as: 'stranger' });
    const refused = await network.client.delete(`/rbac-policies/${policy.id}`, { as: 'member' });
    expect([refused.status, typeOf(refused)]).toEqual([409, 'RbacPolicyInUse']);
    const moved = await network.client.put(
      `/rbac-policies/${policy.id}`,
      { rbac_policy: { target_tenant: 'project-c' } },
      { as: 'member' },
    );
    expect(moved.status).toBe(409);
    await network.client.delete(`/ports/${port.id}`, { as: 'stranger' });
    const now = await network.client.put(
      `/rbac-policies/${policy.id}`,
      { rbac_policy: { target_tenant: 'project-c' } },
      { as: 'member' },
    );
    expect(now.body.rbac_policy).toMatchObject({ target_tenant: 'project-c' });
    expect(await seen(`/networks/${id}`, 'stranger')).toBe(false);
  });

  test('only what a policy lets in is asked about when it goes', async () => {
    const { id } = await network.make('networks', {});
    const shared = { object_type: 'network', object_id: id, action: 'access_as_shared' };
    const { rbac_policy: policy } = (await open({ ...shared, target_tenant: 'project-b' })).body;
    const remove = () => network.client.delete(`/rbac-policies/${policy.id}`, { as: 'member' });
    await network.make('ports', { network_id: id, project_id: 'project-c' }, { as: 'admin' });
    const subnet = await network.make('subnets', { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' });
    const router = await network.make('routers', {}, { as: 'stranger' });
    const plug = (action: string) =>
      network.client.put(`/routers/${router.id}/${action}`, { subnet_id: subnet.id }, { as: 'stranger' });
    await network.client.put(`/subnets/${subnet.id}`, { subnet: { gateway_ip: null } }, { as: 'member' });
    const port = await network.make('ports', { network_id: id }, { as: 'stranger' });
    const plugged = await network.client.put(
      `/routers/${router.id}/add_router_interface`,
      { port_id: port.id },
      { as: 'stranger' },
    );
    expect(plugged.status).toBe(200);
    expect((await remove()).status).toBe(409);
    expect((await plug('remove_router_interface')).status).toBe(200);
    expect((await remove()).status).toBe(204);
  });

  test('a subnet pool is opened to those its address scope is open to', async () => {
    const scope = await network.make('address-scopes', { name: 's', ip_version: 4 });
    const fields = { name: 'p', prefixes: ['10.0.0.0/16'], address_scope_id: scope.id };
    const pool = await network.make('subnetpools', fields);
    const shared = { action: 'access_as_shared', target_tenant: 'project-b' };
    const openPool = () => open({ ...shared, object_type: 'subnetpool', object_id: pool.id });
    const refused = await openPool();
    expect([refused.status, typeOf(refused)]).toEqual([400, 'InvalidInput']);
    const sharedPool = { ...fields, prefixes: ['10.1.0.0/16'], shared: true };
    const refusedPool = await network.client.post('/subnetpools', { subnetpool: sharedPool });
    expect([refusedPool.status, typeOf(refusedPool)]).toEqual([400, 'InvalidInput']);
    await open({ ...shared, object_type: 'address_scope', object_id: scope.id });
    expect((await openPool()).status).toBe(201);
    await open({ ...shared, target_tenant: '*', object_type: 'address_scope', object_id: scope.id }, 'admin');
    expect((await network.client.post('/subnetpools', { subnetpool: sharedPool })).status).toBe(201);
  });

  describe('external networks', () => {
    const external = async (fields: object = {}) => {
      const { id } = await network.make('networks', fields, { as: 'admin' });
      await network.make(
        'subnets',
        { network_id: id, ip_version: 4, cidr: '203.0.113.0/24' },
        { as: 'admin' },
      );
      return { id, policy: { object_type: 'network', object_id: id, action: 'access_as_external' } };
    };
    const leadOut = (id: string) =>
      network.make('routers', { external_gateway_info: { network_id: id } }, { as: 'stranger' });
    const remove = (id: string) => network.client.delete(`/rbac-policies/${id}`, { as: 'admin' });
    const wildcardOf = async (id: string) => {
      const query = `object_id=${id}&action=access_as_external&target_tenant=*`;
      return (await network.client.get(`/rbac-policies?${query}`)).body.rbac_policies[0].id as string;
    };

    test('stay open to a project whose routers lead out through them', async () => {
      const { id, policy } = await external();
      const made = (await open({ ...policy, target_tenant: 'project-b' }, 'admin')).body.rbac_policy;
      const router = await leadOut(id);
      const refused = await remove(made.id);
      expect([refused.status, typeOf(refused)]).toEqual([409, 'RbacPolicyInUse']);
      const path = `/rbac-policies/${made.id}`;
      const moved = await network.client.put(path, { rbac_policy: { target_tenant: 'project-c' } });
      expect([moved.status, typeOf(moved)]).toEqual([409, 'RbacPolicyInUse']);
      await network.client.delete(`/routers/${router.id}`, { as: 'stranger' });
      expect((await remove(made.id)).status).toBe(204);
      expect((await network.client.get(`/networks/${id}`)).body.network['router:external']).toBe(false);
    });

    test('stay open to everyone while a project needs that', async () => {
      const { id, policy } = await external({ 'router:external': true });
      await leadOut(id);
      const everyone = await wildcardOf(id);
      expect(typeOf(await remove(everyone))).toBe('RbacPolicyInUse');
      await open({ ...policy, target_tenant: 'project-b' }, 'admin');
      expect((await remove(everyone)).status).toBe(204);
      expect((await network.client.get(`/networks/${id}`)).body.network['router:external']).toBe(true);
    });

    test('stay open to everyone while they are the default', async () => {
      const { id } = await external({ 'router:external': true, is_default: true });
      const everyone = await wildcardOf(id);
      expect(typeOf(await remove(everyone))).toBe('RbacPolicyInUse');
      await network.client.put(`/networks/${id}`, { network: { is_default: false } });
      expect((await remove(everyone)).status).toBe(204);
    });

    test('stay external while routers of others lead out through them', async () => {
      const { id, policy } = await external();
      const made = (await open({ ...policy, target_tenant: 'project-b' }, 'admin')).body.rbac_policy;
      await network.make('routers', { external_gateway_info: { network_id: id } }, { as: 'admin' });
      expect((await remove(made.id)).status).toBe(204);
      expect((await network.client.get(`/networks/${id}`)).body.network['router:external']).toBe(true);
    });
  });

  test('a security group in use by another project stays open to it', async () => {
    const group = await network.make('security-groups', { name: 'lent' });
    const shared = { object_type: 'security_group', object_id: group.id, action: 'access_as_shared' };
    const { rbac_policy: policy } = (await open({ ...shared, target_tenant: 'project-b' })).body;
    const { id } = await network.make('networks', {}, { as: 'stranger' });
    const port = await network.make(
      'ports',
      { network_id: id, security_groups: [group.id] },
      { as: 'stranger' },
    );
    expect((await network.client.delete(`/rbac-policies/${policy.id}`, { as: 'member' })).status).toBe(409);
    await network.client.delete(`/ports/${port.id}`, { as: 'stranger' });
    expect((await network.client.delete(`/rbac-policies/${policy.id}`, { as: 'member' })).status).toBe(204);
  });

  test('policies go with what they are about, and are their owners business', async () => {
    const { id } = await network.make('networks', {});
    const shared = { object_type: 'network', object_id: id, action: 'access_as_shared' };
    const { rbac_policy: policy } = (await open({ ...shared, target_tenant: 'project-b' })).body;
    expect(await seen(`/rbac-policies/${policy.id}`, 'stranger')).toBe(false);
    const listed = await network.client.get(`/rbac-policies?object_id=${id}`, { as: 'stranger' });
    expect(listed.body.rbac_policies).toEqual([]);
    expect((await network.client.delete(`/networks/${id}`, { as: 'member' })).status).toBe(204);
    expect(await seen(`/rbac-policies/${policy.id}`, 'member')).toBe(false);
  });
});
