import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

const password = 'pw';

describeEachEngine('revocation', (databases) => {
  let cloud: ServedIdentity;
  let count = 0;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
  });
  afterAll(() => cloud.close());

  const create = async (collection: string, fields: object): Promise<string> => {
    const key = collection.slice(0, -1);
    const made = await cloud.client.post(`/${collection}`, { [key]: { name: `n${++count}`, ...fields } });
    expect(made.status).toBe(201);
    return made.body[key].id as string;
  };
  const roleId = async (name: string): Promise<string> =>
    (await cloud.client.get(`/roles?name=${name}`)).body.roles[0].id;
  const status = async (token: string) =>
    (await cloud.client.get('/auth/tokens', { headers: { 'x-subject-token': token } })).status;

  /** A user with a role in a project, and a token for it that is a second old. */
  const newcomer = async (role = 'member') => {
    const user = { id: await create('users', { password }), password };
    const project = await create('projects', {});
    const path = `/projects/${project}/users/${user.id}/roles/${await roleId(role)}`;
    await cloud.client.put(path);
    const scope = { project: { id: project } };
    const token = await cloud.token(user, scope);
    expect(await status(token)).toBe(200);
    cloud.clock.advance(1000);
    return { user, project, path, scope, token };
  };

  test('a revoked token is dead, the others of its user and those made from it are not', async () => {
    const { user, scope, token } = await newcomer();
    const other = await cloud.token(user, scope);
    const made = await cloud.authenticate({ identity: { methods: ['token'], token: { id: token } }, scope });
    const headers = { 'x-subject-token': token };
    expect((await cloud.client.delete('/auth/tokens', { as: token, headers })).status).toBe(204);
    expect(await status(token)).toBe(404);
    expect((await cloud.client.get('/auth/projects', { as: token })).status).toBe(401);
    expect(await status(other)).toBe(200);
    expect(await status(made.headers.get('x-subject-token')!)).toBe(200);
  });

  test('whose token it is may revoke it; another without a role that matters may not', async () => {
    const one = await newcomer();
    const two = await newcomer();
    const headers = { 'x-subject-token': one.token };
    expect((await cloud.client.delete('/auth/tokens', { as: two.token, headers })).status).toBe(403);
    expect((await cloud.client.get('/auth/tokens', { as: two.token, headers })).status).toBe(403);
    expect((await cloud.client.head('/auth/tokens', { as: one.token, headers })).status).toBe(200);
    expect((await cloud.client.delete('/auth/tokens', { as: one.token, headers })).status).toBe(204);
  });

  test('a new password ends all tokens from before it, whoever set it', async () => {
    const { user, token, scope } = await newcomer();
    const change = { user: { original_password: password, password: 'new' } };
    expect((await cloud.client.post(`/users/${user.id}/password`, change, { as: 'nobody' })).status).toBe(
      204,
    );
    expect(await status(token)).toBe(404);
    cloud.clock.advance(1000);
    const next = await cloud.token({ ...user, password: 'new' }, scope);
    cloud.clock.advance(1000);
    await cloud.client.patch(`/users/${user.id}`, { user: { password: 'newer' } });
    expect(await status(next)).toBe(404);
  });

  test('a token made in the second of a revocation waits for the next', async () => {
    const { user, scope, token } = await newcomer();
    await cloud.client.patch(`/users/${user.id}`, { user: { password: 'new' } });
    expect(await status(token)).toBe(404);
    const waited = cloud.token({ ...user, password: 'new' }, scope);
    expect(await Promise.race([waited, sleep(200, 'waits')])).toBe('waits');
    cloud.clock.advance(1000);
    expect(await status(await waited)).toBe(200);
  });

  test('deleting its user, project, group or application credential ends a token', async () => {
    const one = await newcomer();
    await cloud.client.delete(`/users/${one.user.id}`);
    expect(await status(one.token)).toBe(404);
    const two = await newcomer();
    await cloud.client.delete(`/projects/${two.project}`);
    expect(await status(two.token)).toBe(404);
  });

  test('a token lives as long as its user has any role in its scope', async () => {
    const { user, project, path, token } = await newcomer('member');
    await cloud.client.put(`/projects/${project}/users/${user.id}/roles/${await roleId('manager')}`);
    const roles = async () =>
      (await cloud.client.get('/auth/tokens', { headers: { 'x-subject-token': token } })).body.token.roles
        .map((role: { name: string }) => role.name)
        .sort();
    expect(await roles()).toEqual(['manager', 'member', 'reader']);
    await cloud.client.delete(`/projects/${project}/users/${user.id}/roles/${await roleId('manager')}`);
    expect(await roles()).toEqual(['member', 'reader']);
    await cloud.client.delete(path);
    expect(await status(token)).toBe(404);
    await cloud.client.put(path);
    expect(await status(token)).toBe(200);
  });

  test('leaving a group, and the end of a group with roles, end the tokens of its members', async () => {
    const { user, token, scope } = await newcomer();
    const group = await create('groups', {});
    await cloud.client.put(`/groups/${group}/users/${user.id}`);
    expect(await status(token)).toBe(200);
    await cloud.client.delete(`/groups/${group}/users/${user.id}`);
    expect(await status(token)).toBe(404);
    cloud.clock.advance(1000);
    const next = await cloud.token(user, scope);
    await cloud.client.put(`/groups/${group}/users/${user.id}`);
    await cloud.client.put(`/domains/default/groups/${group}/roles/${await roleId('reader')}`);
    cloud.clock.advance(1000);
    await cloud.client.delete(`/groups/${group}`);
    expect(await status(next)).toBe(404);
  });

  test('events are listed, and forgotten when no token can match them any more', async () => {
    const { user } = await newcomer();
    await cloud.client.patch(`/users/${user.id}`, { user: { password: 'new' } });
    const list = async (query = '') => (await cloud.client.get(`/OS-REVOKE/events${query}`)).body;
    const { events, links } = await list();
    expect(events).toContainEqual({
      user_id: user.id,
      issued_before: expect.stringMatching(/000Z$/),
      revoked_at: expect.any(String),
    });
    expect(links.self).toBe(`${cloud.client.origin}/v3/OS-REVOKE/events`);
    const since = new Date(cloud.clock.now() + 1000).toISOString();
    expect((await list(`?since=${since}`)).events).toEqual([]);
    expect((await cloud.client.get('/OS-REVOKE/events?since=yesterday')).status).toBe(400);
    const prune = cloud.assembled.loops.find(({ name }) => name === 'identity.prune-revocations')!;
    await prune.run();
    expect(await cloud.identity.revocationEvents.list()).not.toEqual([]);
    cloud.clock.advance(52 * 3_600_000);
    await prune.run();
    expect(await cloud.identity.revocationEvents.list()).toEqual([]);
  });
});
