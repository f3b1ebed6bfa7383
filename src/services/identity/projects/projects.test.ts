import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('projects', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let admin: string;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    admin = (await client.get('/users?name=admin')).body.users[0].id;
  });
  afterAll(() => cloud.close());

  const create = (project: object) => client.post('/projects', { project });
  const make = async (project: object) => (await create(project)).body.project;
  const patch = (id: string, project: object) => client.patch(`/projects/${id}`, { project });
  const names = (answer: { body: { projects: { name: string }[] } }) =>
    answer.body.projects.map(({ name }) => name).sort();
  const grantAdmin = async (project: string) => {
    const role = (await client.get('/roles?name=reader')).body.roles[0].id;
    await client.put(`/projects/${project}/users/${admin}/roles/${role}`);
  };

  test('a project is made in the default domain, under it', async () => {
    const made = await create({ name: ' web ', colour: 'red', tags: ['b', 'a'] });
    expect(made.status).toBe(201);
    const { project } = made.body;
    expect(project).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'web',
      domain_id: 'default',
      parent_id: 'default',
      is_domain: false,
      description: '',
      enabled: true,
      options: {},
      tags: ['b', 'a'],
      colour: 'red',
      links: { self: `${client.origin}/v3/projects/${project.id}` },
    });
    expect((await client.get(`/projects/${project.id}`)).body.project.tags).toEqual(['a', 'b']);
    const changed = await patch(project.id, { description: 'x', tags: ['c'], options: { immutable: false } });
    expect(changed.body.project).toMatchObject({
      name: 'web',
      description: 'x',
      tags: ['c'],
      options: { immutable: false },
      extra: { colour: 'red' },
    });
  });

  test('bad input is refused in the words clients know', async () => {
    const refused = async (project: object) => {
      const { status, body } = await create(project);
      return [status, body.error.message];
    };
    expect((await create({})).status).toBe(400);
    expect((await create({ name: 'x'.repeat(65) })).status).toBe(400);
    expect((await create({ name: 'p', enabled: 'no' })).status).toBe(400);
    expect((await create({ name: 'p', tags: ['a,b'] })).status).toBe(400);
    expect(await refused({ name: 'p', domain_id: 'nowhere' })).toEqual([
      400,
      'Could not find domain: nowhere.',
    ]);
    expect(await refused({ name: 'p', parent_id: 'nowhere' })).toEqual([
      400,
      'Could not find project: nowhere.',
    ]);
    for (const place of [{ parent_id: 'default' }, { domain_id: 'default' }])
      expect(await refused({ name: 'p', is_domain: true, ...place })).toEqual([
        400,
        'only root projects are allowed to act as domains.',
      ]);
    const { domain } = (await client.post('/domains', { domain: { name: 'Far' } })).body;
    const near = await make({ name: 'near' });
    expect((await create({ name: 'p', domain_id: domain.id, parent_id: near.id })).status).toBe(400);
    expect((await create({ name: 'p', domain_id: domain.id, parent_id: 'default' })).status).toBe(400);
    expect((await create({ name: 'near' })).status).toBe(409);
    expect((await patch(near.id, { parent_id: domain.id })).status).toBe(403);
    expect((await patch(near.id, { is_domain: true })).status).toBe(400);
    expect((await patch(near.id, { domain_id: domain.id })).status).toBe(400);
    expect((await patch('none', { name: 'x' })).status).toBe(404);
  });

  test('projects form a tree of limited depth', async () => {
    const line = [await make({ name: 'level 1' })];
    for (let level = 2; level <= 5; level++)
      line.push(await make({ name: `level ${level}`, parent_id: line.at(-1)!.id }));
    const ids = line.map(({ id }) => id as string);
    const tooDeep = await create({ name: 'level 6', parent_id: ids[4] });
    expect(tooDeep.status).toBe(403);
    expect(tooDeep.body.error.message).toBe(`Max hierarchy depth reached for ${ids[4]} branch.`);
    const show = async (id: string, query: string) =>
      (await client.get(`/projects/${id}?${query}`)).body.project;
    expect((await show(ids[2]!, 'parents_as_ids')).parents).toEqual({
      [ids[1]!]: { [ids[0]!]: { default: null } },
    });
    expect((await show(ids[2]!, 'subtree_as_ids')).subtree).toEqual({ [ids[3]!]: { [ids[4]!]: null } });
    expect((await show(ids[4]!, 'subtree_as_ids')).subtree).toBeNull();
    // only those are shown in full on which the caller has a role
    expect((await show(ids[2]!, 'parents_as_list')).parents).toEqual([]);
    await grantAdmin(ids[0]!);
    await grantAdmin(ids[3]!);
    const both = await show(ids[2]!, 'parents_as_list&subtree_as_list');
    expect(both.parents.map((p: { project: { id: string } }) => p.project.id)).toEqual([ids[0]]);
    expect(both.subtree.map((p: { project: { id: string } }) => p.project.id)).toEqual([ids[3]]);
    expect((await client.get(`/projects/${ids[2]}?parents_as_list&parents_as_ids`)).status).toBe(400);
    expect(names(await client.get(`/projects?parent_id=${ids[1]}`))).toEqual(['level 3']);
  });

  test('a branch is switched off from below and on from above', async () => {
    const top = await make({ name: 'top' });
    const leaf = await make({ name: 'leaf', parent_id: top.id });
    expect((await patch(top.id, { enabled: false })).body.error.message).toBe(
      `Cannot disable project ${top.id} since its subtree contains enabled projects.`,
    );
    expect((await patch(leaf.id, { enabled: false })).status).toBe(200);
    expect((await patch(top.id, { enabled: false })).status).toBe(200);
    expect((await patch(leaf.id, { enabled: true })).body.error.message).toBe(
      `Cannot enable project ${leaf.id} since it has disabled parents`,
    );
    expect((await create({ name: 'late', parent_id: leaf.id })).status).toBe(400);
    expect((await client.delete(`/projects/${top.id}`)).status).toBe(403);
    expect((await client.delete(`/projects/${leaf.id}`)).status).toBe(204);
    expect((await client.delete(`/projects/${top.id}`)).status).toBe(204);
  });

  test('limits are shown of the projects above and below, and only along with them', async () => {
    const top = await make({ name: 'limited' });
    const leaf = await make({ name: 'unlimited', parent_id: top.id });
    for (const { id } of [top, leaf]) await grantAdmin(id);
    const service_id = (await client.get('/services')).body.services[0].id;
    const resource = { service_id, resource_name: 'cores' };
    const registered_limits = [{ ...resource, default_limit: 9 }];
    await client.post('/registered_limits', { registered_limits });
    const limits = [{ ...resource, project_id: top.id, resource_limit: 5 }];
    const { links: _, ...limit } = (await client.post('/limits', { limits })).body.limits[0];
    const show = async (id: string, query: string) =>
      (await client.get(`/projects/${id}?${query}`)).body.project;
    expect(await show(leaf.id, 'include_limits&parents_as_list')).toEqual({
      ...leaf,
      parents: [{ project: { ...top, limits: [limit] } }],
    });
    expect(await show(top.id, 'include_limits=1&subtree_as_list')).toEqual({
      ...top,
      subtree: [{ project: { ...leaf, limits: [] } }],
    });
    expect(await show(leaf.id, 'include_limits&subtree_as_list')).toEqual({ ...leaf, subtree: [] });
    expect(await show(leaf.id, 'include_limits=0&parents_as_list')).toEqual({
      ...leaf,
      parents: [{ project: top }],
    });
    expect(await show(top.id, 'include_limits')).toEqual(top);
  });

  test('an immutable project stays as it is until it is made mutable', async () => {
    const { id } = await make({ name: 'stone', options: { immutable: true } });
    expect((await patch(id, { name: 'sand' })).status).toBe(403);
    expect((await patch(id, { name: 'sand', options: { immutable: false } })).status).toBe(403);
    expect((await client.delete(`/projects/${id}`)).status).toBe(403);
    expect((await client.put(`/projects/${id}/tags/t`)).status).toBe(403);
    expect((await patch(id, { options: { immutable: null } })).status).toBe(200);
    expect((await client.delete(`/projects/${id}`)).status).toBe(204);
  });

  test('a deleted project is nobody’s default and has no assignments', async () => {
    const { id } = await make({ name: 'gone' });
    const { user } = (await client.post('/users', { user: { name: 'dora', default_project_id: id } })).body;
    await grantAdmin(id);
    await client.delete(`/projects/${id}`);
    expect((await client.get(`/users/${user.id}`)).body.user).not.toHaveProperty('default_project_id');
    expect((await client.get(`/role_assignments?scope.project.id=${id}`)).body.role_assignments).toEqual([]);
  });

  test('lists are filtered; domains are among them only when asked for', async () => {
    const { domain } = (await client.post('/domains', { domain: { name: 'Lists' } })).body;
    for (const name of ['one', 'two', 'three'])
      await create({ name, domain_id: domain.id, enabled: name !== 'two' });
    const list = (query: string) => client.get(`/projects?${query}`);
    expect(names(await list(`domain_id=${domain.id}`))).toEqual(['one', 'three', 'two']);
    expect(names(await list(`domain_id=${domain.id}&enabled=false`))).toEqual(['two']);
    expect(names(await list(`domain_id=${domain.id}&name__startswith=t`))).toEqual(['three', 'two']);
    expect(names(await list('is_domain=true'))).toContain('Lists');
    expect(names(await list(''))).not.toContain('Lists');
    const page = await list(`domain_id=${domain.id}&limit=2`);
    expect(page.body.projects).toHaveLength(2);
    expect(page.body.links.next).toContain(`marker=${page.body.projects[1].id}`);
    expect((await list('marker=none')).status).toBe(404);
  });

  test('tags are set, added, asked for and taken away', async () => {
    const { id } = await make({ name: 'tagged' });
    const path = `/projects/${id}/tags`;
    const put = await client.put(path, { tags: ['red', 'blue'] });
    expect(put.body).toEqual({ tags: ['red', 'blue'], links: { self: `${client.origin}/v3${path}` } });
    const added = await client.put(`${path}/green`);
    expect(added.status).toBe(201);
    expect(added.headers.get('location')).toBe(`${client.origin}/v3${path}/green`);
    expect(added.body).toBe('');
    expect((await client.get(path)).body.tags).toEqual(['blue', 'green', 'red']);
    expect((await client.head(`${path}/green`)).status).toBe(204);
    expect((await client.get(`${path}/yellow`)).status).toBe(404);
    expect((await client.put(`${path}/green`)).status).toBe(400);
    expect((await client.put(`${path}/a%2Cb`)).status).toBe(400);
    expect((await client.put(path, { tags: ['a', 'a'] })).status).toBe(400);
    expect((await client.put(path, { tags: ['a', 'a '] })).status).toBe(400);
    expect((await client.delete(`${path}/green`)).status).toBe(204);
    expect((await client.delete(`${path}/green`)).status).toBe(404);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).body.tags).toEqual([]);
    const many = Array.from({ length: 80 }, (_, i) => `t${i}`);
    expect((await client.put(path, { tags: [...many, 'more'] })).status).toBe(400);
    expect((await client.put(path, { tags: many })).status).toBe(200);
    expect((await client.put(`${path}/more`)).status).toBe(400);
  });

  /** Lets these be found as they are now, whatever becomes of them. */
  const findAsTheyAre = async (...ids: string[]) => {
    const { projects } = cloud.identity;
    const find = projects.find.bind(projects);
    const now = new Map((await projects.byIds(ids)).map((project) => [project.id, project]));
    return vi.spyOn(projects, 'find').mockImplementation(async (id) => now.get(id) ?? find(id));
  };

  test('changes of a project at the same time all count', async () => {
    const { id } = await make({ name: 'busy', tags: ['old', 'older'] });
    const path = `/projects/${id}/tags`;
    const found = await findAsTheyAre(id);
    for (const tag of ['new', 'newer']) expect((await client.put(`${path}/${tag}`)).status).toBe(201);
    expect((await client.put(`${path}/new`)).status).toBe(400);
    expect((await client.delete(`${path}/old`)).status).toBe(204);
    expect((await client.delete(`${path}/old`)).status).toBe(404);
    expect((await patch(id, { description: 'changed' })).status).toBe(200);
    expect((await client.put(`${path}/newest`)).status).toBe(201);
    found.mockRestore();
    expect((await client.get(`/projects/${id}`)).body.project).toMatchObject({
      description: 'changed',
      tags: ['new', 'newer', 'newest', 'older'],
    });
  });

  test('there are never too many tags, however many are added at the same time', async () => {
    const { id } = await make({ name: 'crowded', tags: Array.from({ length: 78 }, (_, i) => `t${i}`) });
    const added = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => (await client.put(`/projects/${id}/tags/new${i}`)).status),
    );
    expect(added.toSorted()).toEqual([201, 201, ...Array.from({ length: 6 }, () => 400)]);
    expect((await client.get(`/projects/${id}/tags`)).body.tags).toHaveLength(80);
  });

  test('what is deleted while it is changed is not found', async () => {
    const { id } = await make({ name: 'fleeting', tags: ['a'] });
    const { domain } = (await client.post('/domains', { domain: { name: 'Fleeting', enabled: false } })).body;
    const found = await findAsTheyAre(id, domain.id);
    await client.delete(`/projects/${id}`);
    await client.delete(`/domains/${domain.id}`);
    const path = `/projects/${id}`;
    const changes = [
      await client.put(`${path}/tags`, { tags: ['b'] }),
      await client.put(`${path}/tags/b`),
      await client.delete(`${path}/tags/a`),
      await client.delete(`${path}/tags`),
      await patch(id, { tags: ['b'] }),
      await patch(id, { description: 'changed' }),
      await client.patch(`/domains/${domain.id}`, { domain: { tags: ['b'] } }),
    ];
    found.mockRestore();
    expect(changes.map(({ status }) => status)).toEqual(changes.map(() => 404));
    expect(changes[1]!.body.error.message).toBe(`Could not find project: ${id}.`);
    expect(changes.at(-1)!.body.error.message).toBe(`Could not find domain: ${domain.id}.`);
  });

  test('tag filters combine', async () => {
    const { domain } = (await client.post('/domains', { domain: { name: 'Tags' } })).body;
    for (const [name, tags] of [
      ['none', []],
      ['a', ['a']],
      ['b', ['b']],
      ['ab', ['a', 'b']],
    ] as const)
      await create({ name, tags, domain_id: domain.id });
    const list = async (query: string) =>
      names(await client.get(`/projects?domain_id=${domain.id}&${query}`));
    expect(await list('tags=a,b')).toEqual(['ab']);
    expect(await list('tags-any=a,b')).toEqual(['a', 'ab', 'b']);
    expect(await list('not-tags=a,b')).toEqual(['a', 'b', 'none']);
    expect(await list('not-tags-any=a,b')).toEqual(['none']);
    expect(await list('tags=a&not-tags=b')).toEqual(['a']);
  });
});
