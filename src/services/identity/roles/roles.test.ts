import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('roles', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const create = (role: object) => client.post('/roles', { role });
  const make = async (role: object) => (await create(role)).body.role;
  const names = (answer: { body: { roles: { name: string }[] } }) =>
    answer.body.roles.map((r) => r.name).sort();

  test('a role is made, shown, changed and deleted', async () => {
    const made = await create({ name: 'auditor', colour: 'red' });
    expect(made.status).toBe(201);
    const { role } = made.body;
    expect(role).toEqual({
      id: expect.any(String),
      name: 'auditor',
      domain_id: null,
      description: null,
      options: {},
      colour: 'red',
      links: { self: `${client.origin}/v3/roles/${role.id}` },
    });
    expect((await client.get(`/roles/${role.id}`)).body).toEqual({ role });
    const changed = await client.patch(`/roles/${role.id}`, { role: { description: 'reads' } });
    expect(changed.body.role).toEqual({ ...role, description: 'reads' });
    expect((await client.delete(`/roles/${role.id}`)).status).toBe(204);
    expect((await client.get(`/roles/${role.id}`)).status).toBe(404);
  });

  test('names are unique among global roles and within a domain', async () => {
    await create({ name: 'twice' });
    const again = await create({ name: 'twice' });
    expect(again.status).toBe(409);
    expect(again.body.error.message).toBe(
      'Conflict occurred attempting to store role - Duplicate entry found with name twice.',
    );
    expect((await create({ name: 'twice', domain_id: 'default' })).status).toBe(201);
    expect((await create({ name: 'x', domain_id: 'nowhere' })).status).toBe(404);
    const role = await make({ name: 'own', domain_id: 'default' });
    expect(names(await client.get('/roles'))).not.toContain('own');
    expect(names(await client.get('/roles?domain_id=default'))).toEqual(['own', 'twice']);
    expect((await client.patch(`/roles/${role.id}`, { role: { domain_id: null } })).status).toBe(400);
    expect((await client.patch(`/roles/${role.id}`, { role: { name: 'twice' } })).status).toBe(409);
  });

  test('the roles every cloud has are immutable', async () => {
    expect(names(await client.get('/roles?name__endswith=e'))).toContain('service');
    const { id } = (await client.get('/roles?name=member')).body.roles[0];
    expect((await client.patch(`/roles/${id}`, { role: { name: 'x' } })).body.error.message).toBe(
      `Unable to update immutable role resource: \`${id}. Set resource option "immutable" to false first.`,
    );
    expect((await client.delete(`/roles/${id}`)).status).toBe(403);
  });

  test('roles imply roles', async () => {
    const [a, b, c] = [await make({ name: 'A' }), await make({ name: 'B' }), await make({ name: 'C' })];
    const brief = ({ id, name, links }: { id: string; name: string; links: object }) => ({ id, name, links });
    const path = `/roles/${a.id}/implies/${b.id}`;
    expect((await client.get(path)).body.error.message).toBe(`${a.id} does not imply ${b.id}.`);
    const made = await client.put(path);
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      role_inference: { prior_role: brief(a), implies: brief(b) },
      links: { self: `${client.origin}/v3${path}` },
    });
    expect((await client.get(path)).body).toEqual(made.body);
    expect((await client.head(path)).status).toBe(204);
    expect((await client.put(path)).status).toBe(409);
    await client.put(`/roles/${a.id}/implies/${c.id}`);
    const list = await client.get(`/roles/${a.id}/implies`);
    expect(list.body.role_inference.implies).toHaveLength(2);
    expect(list.body.role_inference.implies).toContainEqual(brief(c));
    const all = (await client.get('/role_inferences')).body.role_inferences;
    expect(all).toContainEqual({
      prior_role: brief(a),
      implies: list.body.role_inference.implies,
    });
    expect(all.map((r: { prior_role: { name: string } }) => r.prior_role.name)).toContain('admin');
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.delete(path)).status).toBe(404);
    expect((await client.get(`/roles/${a.id}/implies/none`)).status).toBe(404);
  });

  test('roles made or deleted while all implications are read are left out', async () => {
    const [prior, implied] = [await make({ name: 'prior' }), await make({ name: 'implied' })];
    await client.put(`/roles/${prior.id}/implies/${implied.id}`);
    const known = await cloud.identity.roles.implications();
    const unknown = { priorRoleId: 'unknown', impliedRoleId: prior.id };
    const read = vi
      .spyOn(cloud.identity.roles, 'implications')
      .mockResolvedValue([...known, unknown, { priorRoleId: implied.id, impliedRoleId: 'unknown' }]);
    const listed = await client.get('/role_inferences');
    // a change, so that what was read before does not count
    await make({ name: 'late' });
    const again = await client.get('/role_inferences');
    read.mockRestore();
    await make({ name: 'later' });
    expect(listed.status).toBe(200);
    expect(again.body).toEqual(listed.body);
    expect((await client.get('/role_inferences')).body).toEqual(listed.body);
  });

  test('nothing implies admin, and no global role implies one of a domain', async () => {
    const role = await make({ name: 'climber' });
    const own = await make({ name: 'domains own', domain_id: 'default' });
    const admin = (await client.get('/roles?name=admin')).body.roles[0].id;
    for (const implied of [admin, own.id])
      expect((await client.put(`/roles/${role.id}/implies/${implied}`)).status).toBe(403);
    expect((await client.put(`/roles/${own.id}/implies/${role.id}`)).status).toBe(201);
  });

  test('a deleted role is had by nobody, and with it go the application credentials of who had it', async () => {
    const role = await make({ name: 'brief' });
    const { user } = (await client.post('/users', { user: { name: 'ann', password: 'pw' } })).body;
    const project = (await client.get('/projects?name=admin')).body.projects[0].id;
    await client.put(`/projects/${project}/users/${user.id}/roles/${role.id}`);
    const as = await cloud.token({ id: user.id, password: 'pw' }, { project: { id: project } });
    const path = `/users/${user.id}/application_credentials`;
    await client.post(path, { application_credential: { name: 'robot' } }, { as });
    expect((await client.get(path)).body.application_credentials).toHaveLength(1);
    await client.delete(`/roles/${role.id}`);
    expect((await client.get(path)).body.application_credentials).toEqual([]);
    expect((await client.get(`/role_assignments?user.id=${user.id}`)).body.role_assignments).toEqual([]);
    expect((await client.get('/auth/projects', { as })).status).toBe(401);
  });
});
