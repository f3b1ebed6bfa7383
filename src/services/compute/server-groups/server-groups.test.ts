import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

describeEachEngine('server groups', (databases) => {
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open(), { options: { quota_server_groups: 4 } });
    client = cloud.client;
  });
  afterAll(() => cloud.close());

  const create = (group: object, version = '2.1', as = 'member') =>
    client.post('/os-server-groups', { server_group: group }, { as, ...asVersion(version) });

  test('a group is shown with every field of the version', async () => {
    const made = await create({ name: 'apart', policies: ['anti-affinity'] });
    expect(made.status).toBe(200);
    const { id } = made.body.server_group;
    const basic = { id, name: 'apart', members: [] };
    const old = { policies: ['anti-affinity'], metadata: {} };
    const owner = { project_id: 'project-a', user_id: 'member-user' };
    expect(made.body.server_group).toEqual({ ...basic, ...old });
    const show = async (version: string) =>
      (await client.get(`/os-server-groups/${id}`, asVersion(version))).body.server_group;
    expect(await show('2.12')).toEqual({ ...basic, ...old });
    expect(await show('2.13')).toEqual({ ...basic, ...old, ...owner });
    expect(await show('2.64')).toEqual({ ...basic, ...owner, policy: 'anti-affinity', rules: {} });
    expect((await client.delete(`/os-server-groups/${id}`, { as: 'member' })).status).toBe(204);
    expect((await client.get(`/os-server-groups/${id}`)).body.itemNotFound.message).toBe(
      `Instance group ${id} could not be found.`,
    );
  });

  test('policies and rules are those of the version', async () => {
    const soft = { name: 's', policies: ['soft-affinity'] };
    expect((await create(soft, '2.14')).status).toBe(400);
    const made = await create(soft, '2.15');
    expect(made.body.server_group.policies).toEqual(['soft-affinity']);
    expect((await create({ name: 's', policies: ['affinity', 'anti-affinity'] })).status).toBe(400);
    expect((await create({ name: 's', policies: [] })).status).toBe(400);
    expect((await create(soft, '2.64')).status).toBe(400);
    const rules = { max_server_per_host: '3' };
    const ruled = await create({ name: 'r', policy: 'anti-affinity', rules }, '2.64');
    expect(ruled.body.server_group).toMatchObject({
      policy: 'anti-affinity',
      rules: { max_server_per_host: 3 },
    });
    expect((await create({ name: 'r', policy: 'affinity', rules }, '2.64')).body.badRequest.message).toBe(
      'Only anti-affinity policy supports rules.',
    );
    expect(
      (await create({ name: 'r', policy: 'anti-affinity', rules: { max_server_per_host: 0 } }, '2.64'))
        .status,
    ).toBe(400);
    // no host ever has as many servers as the column can count
    const many = { max_server_per_host: '99999999999' };
    const hardly = await create({ name: 'h', policy: 'anti-affinity', rules: many }, '2.64');
    expect(hardly.body.server_group.rules).toEqual({ max_server_per_host: 2147483647 });
    for (const { body } of [made, ruled, hardly])
      await client.delete(`/os-server-groups/${body.server_group.id}`);
  });

  test('members are servers that exist, and hosts are counted', async () => {
    const { id } = (await create({ name: 'g', policies: ['affinity'] })).body.server_group;
    const [first, second, deleted] = await putServers(
      cloud.compute,
      { host: 'h1', createdAt: 1 },
      { host: 'h1', createdAt: 2, userId: 'somebody' },
      { host: 'h2', deletedAt: 3 },
    );
    const ids = [first!.id, second!.id, deleted!.id];
    const { serverGroups, parts } = cloud.compute;
    await parts.database.transaction(async (trx) => {
      await serverGroups.addMembers(trx, id, ids);
      await serverGroups.addMembers(trx, id, ids);
      expect(await serverGroups.countMembers(trx, id, 'member-user')).toBe(1);
    });
    const shown = await client.get(`/os-server-groups/${id}`, { as: 'member' });
    expect(shown.body.server_group.members).toEqual([first!.id, second!.id]);
    expect(await serverGroups.groupsOf(ids)).toEqual(new Map(ids.map((s) => [s, [id]])));
    expect(await serverGroups.hostsOf(id)).toEqual(new Map([['h1', 2]]));
    expect(await serverGroups.hostsOf(id, [second!.id])).toEqual(new Map([['h1', 1]]));
    await client.delete(`/os-server-groups/${id}`);
    expect(await serverGroups.groupsOf(ids)).toEqual(new Map());
  });

  test('lists are of a project, or of all for administrators', async () => {
    const made = [];
    for (const name of ['a', 'b', 'c', 'd']) made.push(await create({ name, policies: ['affinity'] }));
    await create({ name: 'x', policies: ['affinity'] }, '2.1', 'stranger');
    const names = async (query: string, as = 'member') =>
      (await client.get(`/os-server-groups${query}`, { as })).body.server_groups.map(
        (g: { name: string }) => g.name,
      );
    expect(await names('')).toEqual(['a', 'b', 'c', 'd']);
    expect(await names('?limit=2&offset=1')).toEqual(['b', 'c']);
    expect(await names('?limit=0&offset=3')).toEqual(['d']);
    expect(await names(`?offset=${'9'.repeat(30)}`)).toEqual([]);
    expect(await names('?all_projects=1')).toEqual(['a', 'b', 'c', 'd']);
    expect(await names('?all_projects=1', 'admin')).toEqual(['a', 'b', 'c', 'd', 'x']);
    expect(await names('', 'admin')).toEqual([]);
    expect((await client.get('/os-server-groups?colour=red', asVersion('2.75'))).status).toBe(400);
    expect((await create({ name: 'e', policies: ['affinity'] })).body.forbidden.message).toBe(
      'Quota exceeded, too many server groups.',
    );
    const { id } = made[0]!.body.server_group;
    expect((await client.get(`/os-server-groups/${id}`, { as: 'stranger' })).status).toBe(403);
    expect((await client.get(`/os-server-groups/${id}`, { as: 'reader' })).status).toBe(200);
    expect((await client.delete(`/os-server-groups/${id}`, { as: 'reader' })).status).toBe(403);
    expect((await create({ name: 'r', policies: ['affinity'] }, '2.1', 'reader')).status).toBe(403);
  });

  test('a user with a limit of their own may have that many in the project', async () => {
    const groups = (await client.get('/os-server-groups', { as: 'member' })).body.server_groups;
    for (const { id } of groups.slice(2)) await client.delete(`/os-server-groups/${id}`);
    const own = { quota_set: { server_groups: 1 } };
    expect((await client.put('/os-quota-sets/project-a?user_id=manager-user', own)).status).toBe(200);
    const make = (as: string) => create({ name: as, policies: ['affinity'] }, '2.1', as);
    expect((await make('manager')).status).toBe(200);
    expect((await make('manager')).body.forbidden.message).toBe('Quota exceeded, too many server groups.');
    expect((await make('member')).status).toBe(200);
  });
});
