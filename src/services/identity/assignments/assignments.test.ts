import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

interface Listed {
  readonly role: { readonly id: string };
  readonly user?: { readonly id: string };
  readonly group?: { readonly id: string };
  readonly scope: Record<string, { readonly id: string } & string>;
}

describeEachEngine('role assignments', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  // a domain with a line of three projects, a user of its own and a group with another user in it
  const id: Record<string, string> = {};
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    id.domain = await make('domains', { name: 'D' });
    id.top = await make('projects', { name: 'top', domain_id: id.domain });
    id.middle = await make('projects', { name: 'middle', domain_id: id.domain, parent_id: id.top });
    id.leaf = await make('projects', { name: 'leaf', domain_id: id.domain, parent_id: id.middle });
    id.ann = await make('users', { name: 'ann', password: 'pw', domain_id: id.domain });
    id.bob = await make('users', { name: 'bob', password: 'pw', domain_id: id.domain });
    id.group = await make('groups', { name: 'team', domain_id: id.domain });
    await client.put(`/groups/${id.group}/users/${id.bob}`);
    for (const role of (await client.get('/roles')).body.roles) id[role.name] = role.id;
  });
  afterAll(() => cloud.close());

  const make = async (collection: string, fields: object): Promise<string> => {
    const key = collection.slice(0, -1);
    return (await client.post(`/${collection}`, { [key]: fields })).body[key].id;
  };
  const list = async (query: string): Promise<Listed[]> =>
    (await client.get(`/role_assignments?${query}`)).body.role_assignments;
  const nameOf = (wanted: string | undefined) =>
    Object.keys(id).find((name) => id[name] === wanted) ?? wanted;
  /** `ann member leaf`; with a `>` where projects below inherit it. */
  const brief = (assignments: Listed[]) =>
    assignments
      .map(({ role, user, group, scope }) => {
        const target = scope.system ? 'system' : nameOf((scope.project ?? scope.domain)!.id);
        const down = scope['OS-INHERIT:inherited_to'] ? ' >' : '';
        return `${nameOf((user ?? group)!.id)} ${nameOf(role.id)} ${target}${down}`;
      })
      .sort();
  /** Grants, asks, and takes the grants back. */
  const granted = async (paths: string[], ask: () => Promise<void>) => {
    for (const path of paths) expect((await client.put(path)).status).toBe(204);
    await ask();
    for (const path of paths) expect((await client.delete(path)).status).toBe(204);
  };
  const refused = async (path: string) => [
    (await client.get(path)).status,
    (await client.put(path)).status,
    (await client.delete(path)).status,
  ];

  test('a grant is made, checked, listed and taken back, wherever it is', async () => {
    const families = [
      `/projects/${id.leaf}/users/${id.ann}/roles`,
      `/projects/${id.leaf}/groups/${id.group}/roles`,
      `/domains/${id.domain}/users/${id.ann}/roles`,
      `/domains/${id.domain}/groups/${id.group}/roles`,
      `/system/users/${id.ann}/roles`,
      `/system/groups/${id.group}/roles`,
    ].map((roles) => [roles, `${roles}/${id.member}`] as const);
    const inherited = [`users/${id.ann}`, `groups/${id.group}`].map((actor) => {
      const roles = `/OS-INHERIT/domains/${id.domain}/${actor}/roles`;
      return [`${roles}/inherited_to_projects`, `${roles}/${id.member}/inherited_to_projects`] as const;
    });
    for (const [roles, item] of [...families, ...inherited]) {
      expect((await client.get(item)).status).toBe(404);
      expect((await client.put(item)).status).toBe(204);
      expect((await client.put(item)).status).toBe(204);
      expect((await client.get(item)).status).toBe(204);
      expect((await client.head(item)).status).toBe(204);
      expect((await client.get(roles)).body.roles.map((r: { name: string }) => r.name)).toEqual(['member']);
      expect((await client.delete(item)).status).toBe(204);
      expect((await client.delete(item)).status).toBe(404);
      expect((await client.get(roles)).body.roles).toEqual([]);
    }
    const inProject = `/OS-INHERIT/projects/${id.top}/users/${id.ann}/roles/${id.member}/inherited_to_projects`;
    expect((await client.put(inProject)).status).toBe(204);
    expect((await client.get(`/projects/${id.top}/users/${id.ann}/roles/${id.member}`)).status).toBe(404);
    expect((await client.delete(inProject)).status).toBe(204);
  });

  test('what a grant names must exist', async () => {
    const role = id.member;
    expect(await refused(`/projects/none/users/${id.ann}/roles/${role}`)).toEqual([404, 404, 404]);
    expect(await refused(`/projects/${id.leaf}/users/none/roles/${role}`)).toEqual([404, 404, 404]);
    expect(await refused(`/projects/${id.leaf}/users/${id.ann}/roles/none`)).toEqual([404, 404, 404]);
    expect(await refused(`/domains/${id.leaf}/users/${id.ann}/roles/${role}`)).toEqual([404, 404, 404]);
    expect(await refused(`/system/groups/none/roles/${role}`)).toEqual([404, 404, 404]);
    const message = (await client.get(`/projects/${id.leaf}/users/${id.ann}/roles/${role}`)).body.error
      .message;
    expect(message).toBe(
      `Could not find role assignment with role: ${role}, user or group: ${id.ann}, project, domain, or system: ${id.leaf}.`,
    );
  });

  test("a domain's own role is had on that domain's projects only, and only by what it implies", async () => {
    const own = await make('roles', { name: 'own', domain_id: id.domain });
    await client.put(`/roles/${own}/implies/${id.reader}`);
    const elsewhere = (await client.get('/projects?name=admin')).body.projects[0].id;
    expect((await client.put(`/projects/${elsewhere}/users/${id.ann}/roles/${own}`)).status).toBe(403);
    expect((await client.put(`/system/users/${id.ann}/roles/${own}`)).status).toBe(400);
    await granted([`/projects/${id.leaf}/users/${id.ann}/roles/${own}`], async () => {
      const token = await cloud.token({ id: id.ann!, password: 'pw' }, { project: { id: id.leaf } });
      const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
      expect(shown.body.token.roles.map((r: { name: string }) => r.name)).toEqual(['reader']);
      expect(brief(await list(`effective&user.id=${id.ann}`))).toEqual(['ann reader leaf']);
    });
  });

  test('assignments are listed as they were made', async () => {
    const grants = [
      `/projects/${id.leaf}/users/${id.ann}/roles/${id.member}`,
      `/domains/${id.domain}/groups/${id.group}/roles/${id.reader}`,
      `/OS-INHERIT/projects/${id.top}/groups/${id.group}/roles/${id.member}/inherited_to_projects`,
      `/system/users/${id.ann}/roles/${id.reader}`,
    ];
    await granted(grants, async () => {
      expect(brief(await list(`user.id=${id.ann}`))).toEqual(['ann member leaf', 'ann reader system']);
      expect(brief(await list(`group.id=${id.group}`))).toEqual([
        'group member top >',
        'group reader domain',
      ]);
      expect(brief(await list(`scope.project.id=${id.leaf}`))).toEqual(['ann member leaf']);
      expect(brief(await list(`scope.domain.id=${id.domain}`))).toEqual(['group reader domain']);
      expect(brief(await list(`scope.system=all&user.id=${id.ann}`))).toEqual(['ann reader system']);
      expect(brief(await list(`role.id=${id.member}`))).toEqual(['ann member leaf', 'group member top >']);
      const inherited = 'scope.OS-INHERIT:inherited_to=projects';
      expect(brief(await list(`group.id=${id.group}&${inherited}`))).toEqual(['group member top >']);
      const tree = `scope.project.id=${id.top}&include_subtree`;
      expect(brief(await list(tree))).toEqual(['ann member leaf', 'group member top >']);
      const links = (await list(`group.id=${id.group}&${inherited}`))[0] as unknown as { links: object };
      expect(links.links).toEqual({
        assignment: `${client.origin}/v3/OS-INHERIT/projects/${id.top}/groups/${id.group}/roles/${id.member}/inherited_to_projects`,
      });
    });
  });

  test('effective assignments are what every single user has', async () => {
    const grants = [
      `/projects/${id.leaf}/users/${id.ann}/roles/${id.member}`,
      `/OS-INHERIT/domains/${id.domain}/groups/${id.group}/roles/${id.reader}/inherited_to_projects`,
      `/OS-INHERIT/projects/${id.top}/users/${id.ann}/roles/${id.reader}/inherited_to_projects`,
      `/domains/${id.domain}/users/${id.bob}/roles/${id.reader}`,
    ];
    await granted(grants, async () => {
      expect(brief(await list(`effective&user.id=${id.ann}`))).toEqual(
        ['ann member leaf', 'ann reader leaf >', 'ann reader leaf', 'ann reader middle >'].sort(),
      );
      expect(brief(await list(`effective&user.id=${id.bob}&scope.project.id=${id.top}`))).toEqual([
        'bob reader top >',
      ]);
      expect(brief(await list(`effective&scope.project.id=${id.middle}&include_subtree`))).toEqual(
        [
          'ann member leaf',
          'ann reader leaf',
          'ann reader leaf >',
          'ann reader middle >',
          'bob reader leaf >',
          'bob reader middle >',
        ].sort(),
      );
      expect(brief(await list(`effective&scope.domain.id=${id.domain}`))).toEqual(['bob reader domain']);
      expect(
        brief(await list(`effective&user.id=${id.ann}&role.id=${id.reader}&scope.project.id=${id.leaf}`)),
      ).toEqual(['ann reader leaf', 'ann reader leaf >']);
      const [viaGroup] = (await list(
        `effective&user.id=${id.bob}&scope.project.id=${id.leaf}`,
      )) as unknown as { links: object }[];
      expect(viaGroup!.links).toEqual({
        assignment: `${client.origin}/v3/OS-INHERIT/domains/${id.domain}/groups/${id.group}/roles/${id.reader}/inherited_to_projects`,
        membership: `${client.origin}/v3/groups/${id.group}/users/${id.bob}`,
      });
      // and tokens agree
      const roles = async (project: string) => {
        const token = await cloud.token({ id: id.ann!, password: 'pw' }, { project: { id: project } });
        const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
        return shown.body.token.roles.map((r: { name: string }) => r.name).sort();
      };
      expect(await roles(id.leaf!)).toEqual(['member', 'reader']);
      expect(await roles(id.middle!)).toEqual(['reader']);
      await expect(roles(id.top!)).rejects.toThrow('no token');
    });
  });

  test('names are shown when they are asked for', async () => {
    await granted([`/projects/${id.leaf}/users/${id.ann}/roles/${id.member}`], async () => {
      const [assignment] = await list(`user.id=${id.ann}&include_names`);
      const domain = { id: id.domain, name: 'D' };
      expect(assignment).toMatchObject({
        role: { id: id.member, name: 'member' },
        user: { id: id.ann, name: 'ann', domain },
        scope: { project: { id: id.leaf, name: 'leaf', domain } },
      });
    });
  });

  test('filters that contradict each other are refused', async () => {
    for (const query of [
      'include_subtree',
      `scope.project.id=${id.leaf}&scope.domain.id=${id.domain}`,
      `scope.system=all&scope.domain.id=${id.domain}`,
      `scope.system=all&scope.project.id=${id.leaf}`,
      `user.id=${id.ann}&group.id=${id.group}`,
      `effective&group.id=${id.group}`,
      `effective&scope.domain.id=${id.domain}&scope.OS-INHERIT:inherited_to=projects`,
    ])
      expect((await client.get(`/role_assignments?${query}`)).status).toBe(400);
    expect((await client.get('/role_assignments?effective&scope.project.id=none')).status).toBe(404);
  });

  test("a domain's reader sees what is in that domain", async () => {
    const grants = [
      `/domains/${id.domain}/users/${id.ann}/roles/${id.reader}`,
      `/projects/${id.leaf}/users/${id.bob}/roles/${id.member}`,
    ];
    await granted(grants, async () => {
      const as = await cloud.token({ id: id.ann!, password: 'pw' }, { domain: { id: id.domain } });
      const all = await client.get('/role_assignments', { as });
      expect(brief(all.body.role_assignments)).toEqual(['ann reader domain', 'bob member leaf']);
      const admin = (await client.get('/projects?name=admin')).body.projects[0].id;
      const tree = await client.get(`/role_assignments?scope.project.id=${admin}&include_subtree`, { as });
      expect(tree.status).toBe(403);
    });
  });

  test("a domain's manager grants its roles up to its own, and no more", async () => {
    await granted([`/domains/${id.domain}/users/${id.ann}/roles/${id.manager}`], async () => {
      const as = await cloud.token({ id: id.ann!, password: 'pw' }, { domain: { id: id.domain } });
      const put = async (path: string) => (await client.put(path, undefined, { as })).status;
      expect(await put(`/projects/${id.leaf}/users/${id.bob}/roles/${id.member}`)).toBe(204);
      expect(await put(`/projects/${id.leaf}/users/${id.bob}/roles/${id.admin}`)).toBe(403);
      expect(await put(`/system/users/${id.bob}/roles/${id.reader}`)).toBe(403);
      const admin = (await client.get('/projects?name=admin')).body.projects[0].id;
      expect(await put(`/projects/${admin}/users/${id.bob}/roles/${id.member}`)).toBe(403);
      await client.delete(`/projects/${id.leaf}/users/${id.bob}/roles/${id.member}`);
    });
  });
});
