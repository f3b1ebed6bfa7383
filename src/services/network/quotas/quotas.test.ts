import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

const defaults = {
  network: 2,
  subnet: 100,
  port: 500,
  subnetpool: -1,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
  rbac_policy: 10,
};

describeEachEngine('quotas', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: 2 });
  });
  afterAll(() => network.close());

  test('a project has the defaults until it is given others', async () => {
    const { client } = network;
    expect((await client.get('/quotas/some-project')).body.quota).toMatchObject(defaults);
    const changed = await client.put('/quotas/some-project', { quota: { network: 7, port: -1 } });
    expect(changed.status).toBe(200);
    expect(changed.body.quota).toMatchObject({ ...defaults, network: 7, port: -1 });
    expect((await client.get('/quotas/some-project')).body.quota).toMatchObject({ network: 7, port: -1 });
    expect((await client.get('/quotas/some-project/default')).body.quota).toMatchObject(defaults);
    expect((await client.get('/quotas')).body.quotas).toEqual([
      expect.objectContaining({ project_id: 'some-project', tenant_id: 'some-project', network: 7 }),
    ]);
    expect((await client.delete('/quotas/some-project')).status).toBe(204);
    expect((await client.get('/quotas/some-project')).body.quota).toMatchObject(defaults);
    expect((await client.get('/quotas')).body.quotas).toEqual([]);
    expect((await client.delete('/quotas/some-project')).status).toBe(404);
  });

  test('details tell what is used', async () => {
    const { id } = await network.make('networks', {}, { as: 'stranger' });
    await network.make('ports', { network_id: id }, { as: 'stranger' });
    const { quota } = (await network.client.get('/quotas/project-b/details')).body;
    expect((await network.client.get('/quotas/project-b/details.json')).body).toEqual({ quota });
    // one port is the network's own
    expect(quota).toMatchObject({
      network: { limit: 2, used: 1, reserved: 0 },
      port: { limit: 500, used: 2, reserved: 0 },
      subnet: { limit: 100, used: 0, reserved: 0 },
      security_group: { limit: 10, used: 1, reserved: 0 },
      security_group_rule: { limit: 100, used: 4, reserved: 0 },
    });
  });

  test('more than the quota is refused, and counts again what was removed', async () => {
    const make = () => network.client.post('/networks', { network: {} }, { as: 'member' });
    const first = await make();
    expect(first.status).toBe(201);
    expect((await make()).status).toBe(201);
    const refused = await make();
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toEqual({
      type: 'OverQuota',
      message: "Quota exceeded for resources: ['network'].",
      detail: '',
    });
    await network.client.delete(`/networks/${first.body.network.id}`, { as: 'member' });
    expect((await make()).status).toBe(201);
  });

  test('several at once are counted together', async () => {
    const three = { networks: [{}, {}, {}] };
    const refused = await network.client.post('/networks', three, { as: 'service' });
    expect([403, 409]).toContain(refused.status);
    await network.client.put('/quotas/project-b', { quota: { network: 3 } });
    const answer = await network.client.post('/networks', three, { as: 'stranger' });
    expect(answer.status).toBe(409);
    const left = await network.client.get('/networks', { as: 'stranger' });
    expect(left.body.networks).toHaveLength(1);
    const fitting = await network.client.post('/networks', { networks: [{}, {}] }, { as: 'stranger' });
    expect(fitting.status).toBe(201);
  });

  test('requests at once do not pass the quota together', async () => {
    await network.client.put('/quotas/project-r', { quota: { router: 3 } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        network.client.post('/routers', { router: { project_id: 'project-r' } }, { as: 'admin' }),
      ),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 201),
      ...Array.from({ length: 7 }, () => 409),
    ]);
  });

  test('a limit is a number', async () => {
    const put = (quota: unknown) => network.client.put('/quotas/p', { quota });
    expect((await put({ network: 'many' })).status).toBe(400);
    expect((await put({ network: -2 })).status).toBe(400);
    expect((await put({ bananas: 2 })).status).toBe(400);
    expect((await put({ network: '7' })).body.quota.network).toBe(7);
    expect((await network.client.put('/quotas/p', {})).status).toBe(400);
  });

  test('a limit below what is used needs force', async () => {
    const put = (quota: unknown) => network.client.put('/quotas/project-b', { quota });
    const refused = await put({ network: 1, check_limit: true });
    expect(refused.status).toBe(400);
    expect(refused.body.NeutronError.message).toBe(
      'Quota limit 1 for network must be greater than or equal to already used 3',
    );
    expect((await put({ network: 1, force: true })).body.quota).toMatchObject({ network: 1 });
  });

  test('a project sees its own quota, administrators all', async () => {
    const status = async (path: string, as: 'member' | 'reader' | 'stranger' | 'admin') =>
      (await network.client.get(path, { as })).status;
    expect(await status('/quotas/project-a', 'reader')).toBe(200);
    expect(await status('/quotas/project-a/default', 'reader')).toBe(200);
    expect(await status('/quotas/project-a', 'stranger')).toBe(403);
    expect(await status('/quotas/project-a', 'admin')).toBe(200);
    expect(await status('/quotas', 'member')).toBe(403);
    const put = await network.client.put('/quotas/project-a', { quota: { port: 1 } }, { as: 'member' });
    expect(put.status).toBe(403);
    expect((await network.client.get('/quotas/tenant', { as: 'member' })).body).toEqual({
      tenant: { tenant_id: 'project-a' },
    });
  });
});
