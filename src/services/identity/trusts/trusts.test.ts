import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

const password = 'pw';

describeEachEngine('trusts', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let project: string;
  let trustor: string;
  let trustee: string;
  /** The trustor's token, for the project. */
  let as: string;
  let count = 0;
  const role: Record<string, string> = {};
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    for (const { name, id } of (await client.get('/roles')).body.roles) role[name] = id;
  });
  beforeEach(async () => {
    project = (await client.post('/projects', { project: { name: `p${++count}` } })).body.project.id;
    trustor = await newUser();
    trustee = await newUser();
    await client.put(`/projects/${project}/users/${trustor}/roles/${role.member}`);
    as = await cloud.token({ id: trustor, password }, { project: { id: project } });
  });
  afterAll(() => cloud.close());

  const newUser = async (): Promise<string> =>
    (await client.post('/users', { user: { name: `u${++count}`, password } })).body.user.id;
  const create = (fields: object = {}, caller = as) =>
    client.post(
      '/OS-TRUST/trusts',
      {
        trust: {
          trustor_user_id: trustor,
          trustee_user_id: trustee,
          impersonation: false,
          project_id: project,
          roles: [{ name: 'member' }],
          ...fields,
        },
      },
      { as: caller },
    );
  const make = async (fields: object = {}, caller = as) => {
    const made = await create(fields, caller);
    expect(made.status).toBe(201);
    return made.body.trust;
  };
  const use = (id: string, user = trustee) =>
    cloud.authenticate({
      identity: { methods: ['password'], password: { user: { id: user, password } } },
      scope: { 'OS-TRUST:trust': { id } },
    });
  const tokenOf = async (id: string, user = trustee) => {
    const answer = await use(id, user);
    expect(answer.status).toBe(201);
    return answer.headers.get('x-subject-token')!;
  };
  const status = async (token: string) => (await client.get('/auth/projects', { as: token })).status;

  test('one is made, shown with its roles, and deleted', async () => {
    const made = await make({ colour: 'red' });
    const shown = (await client.get(`/roles/${role.member}`)).body.role;
    expect(made).toEqual({
      id: expect.any(String),
      trustor_user_id: trustor,
      trustee_user_id: trustee,
      project_id: project,
      impersonation: false,
      expires_at: null,
      remaining_uses: null,
      deleted_at: null,
      redelegated_trust_id: null,
      redelegation_count: 0,
      colour: 'red',
      roles: [shown],
      roles_links: { self: `${client.origin}/v3/${made.id}/roles`, next: null, previous: null },
      links: { self: `${client.origin}/v3/OS-TRUST/trusts/${made.id}` },
    });
    const path = `/OS-TRUST/trusts/${made.id}`;
    expect((await client.get(path, { as })).body).toEqual({ trust: made });
    expect((await client.get(`${path}/roles`, { as })).body.roles).toEqual([shown]);
    expect((await client.get(`${path}/roles/${role.member}`, { as })).body).toEqual({ role: shown });
    expect((await client.get(`${path}/roles/${role.reader}`, { as })).status).toBe(404);
    const { roles: _, roles_links: __, ...brief } = made;
    const list = async (query: string, caller = as) =>
      (await client.get(`/OS-TRUST/trusts${query}`, { as: caller })).body.trusts;
    expect(await list(`?trustor_user_id=${trustor}`)).toEqual([brief]);
    expect(await list('', cloud.admin)).toContainEqual(brief);
    for (const query of ['?foo=x', '?foo', '?trustor_user_id=', '?foo=x&trustee_user_id='])
      expect(await list(query, cloud.admin)).toEqual([]);
    expect(await list(`?foo=x&trustor_user_id=${trustor}`)).toEqual([brief]);
    for (const query of ['', '?foo=x'])
      expect((await client.get(`/OS-TRUST/trusts${query}`, { as })).status).toBe(403);
    expect((await client.get(`/OS-TRUST/trusts?trustee_user_id=${trustee}`, { as })).status).toBe(403);
    expect((await client.delete(path, { as })).status).toBe(204);
    expect((await client.get(path, { as })).status).toBe(404);
  });

  test("its token is the trustee's, or with impersonation the trustor's, in the project and with its roles", async () => {
    const plain = await make({ roles: [{ id: role.reader }] });
    const answer = await use(plain.id);
    expect(answer.body.token).toMatchObject({
      user: { id: trustee },
      project: { id: project },
      roles: [{ name: 'reader' }],
      'OS-TRUST:trust': {
        id: plain.id,
        impersonation: false,
        trustor_user: { id: trustor },
        trustee_user: { id: trustee },
      },
    });
    const token = answer.headers.get('x-subject-token')!;
    const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
    expect(shown.body).toEqual(answer.body);
    const { id } = await make({ impersonation: true });
    expect((await use(id)).body.token.user.id).toBe(trustor);
    expect(cloud.assembled.contract.authenticate(await tokenOf(id))).toMatchObject({ userId: trustor });
    expect((await use(id, trustor)).status).toBe(403);
    expect((await use('nothing')).status).toBe(401);
  });

  test('it ends with its time, its uses, its users, its project and the roles of its trustor', async () => {
    const expires = new Date(cloud.clock.now() + 60_000).toISOString();
    const timed = await make({ expires_at: expires });
    expect(timed.expires_at).toBe(expires.replace('Z', '000Z'));
    const once = await make({ remaining_uses: 1 });
    const token = await tokenOf(once.id);
    expect((await use(once.id)).status).toBe(401);
    expect(await status(token)).toBe(200);
    const timedToken = await tokenOf(timed.id);
    cloud.clock.advance(61_000);
    expect((await use(timed.id)).status).toBe(401);
    expect(await status(timedToken)).toBe(401);
    expect(await status(token)).toBe(200);
    await client.delete(`/projects/${project}/users/${trustor}/roles/${role.member}`);
    expect(await status(token)).toBe(401);
    await client.put(`/projects/${project}/users/${trustor}/roles/${role.member}`);
    expect(await status(token)).toBe(200);
    await client.patch(`/users/${trustor}`, { user: { password: 'new' } });
    expect(await status(token)).toBe(401);
    const { id } = await make(
      {},
      await cloud.token({ id: trustor, password: 'new' }, { project: { id: project } }),
    );
    await client.delete(`/users/${trustor}`);
    expect(await cloud.identity.trusts.find(id)).toBeUndefined();
  });

  test('deleting it ends its tokens', async () => {
    const { id } = await make();
    const token = await tokenOf(id);
    expect(await status(token)).toBe(200);
    await client.delete(`/OS-TRUST/trusts/${id}`, { as });
    expect(await status(token)).toBe(401);
  });

  test('bad input is refused', async () => {
    expect((await create({ trustor_user_id: trustee })).status).toBe(403);
    expect((await create({ trustee_user_id: 'nobody' })).status).toBe(404);
    expect((await create({ roles: [] })).status).toBe(403);
    expect((await create({ roles: [{ name: 'admin' }] })).status).toBe(404);
    expect((await create({ project_id: 'nothing' })).status).toBe(404);
    for (const remaining_uses of [0, 2 ** 31, 2 ** 60])
      expect((await create({ remaining_uses })).status).toBe(400);
    expect((await create({ impersonation: 'yes' })).status).toBe(400);
    for (const expires_at of ['soon', '2020-01-01T00:00:00Z'])
      expect((await create({ expires_at })).status).toBe(400);
    const expires_at = new Date(cloud.clock.now() + 60_000).toISOString();
    await make({ expires_at });
    expect((await create({ expires_at })).status).toBe(409);
  });

  test('an end comes back as it was given, however late', async () => {
    const expires_at = '9999-12-31T23:59:59.999999Z';
    const trust = await make({ expires_at });
    expect(trust.expires_at).toBe(expires_at);
    expect((await client.get(`/OS-TRUST/trusts/${trust.id}`)).body.trust).toEqual(trust);
    const list = await client.get(`/OS-TRUST/trusts?trustor_user_id=${trustor}`);
    expect(list.body.trusts).toMatchObject([{ expires_at }]);
    expect((await use(trust.id)).status).toBe(201);
    expect((await create({ expires_at })).status).toBe(409);
  });

  test('its token makes no other token and manages no application credentials', async () => {
    const { id } = await make({ impersonation: true });
    const token = await tokenOf(id);
    const again = await cloud.authenticate({ identity: { methods: ['token'], token: { id: token } } });
    expect(again.status).toBe(403);
    const path = `/users/${trustor}/application_credentials`;
    const made = await client.post(path, { application_credential: { name: 'x' } }, { as: token });
    expect(made.status).toBe(403);
    for (const kept of [path, `/users/${trustor}/access_rules`])
      expect((await client.get(kept, { as: token })).status).toBe(403);
  });

  test('it is handed on as often as it allows, and never further than it goes', async () => {
    const first = await make({ allow_redelegation: true, redelegation_count: 2, impersonation: true });
    expect(first.redelegation_count).toBe(2);
    const third = await newUser();
    const token = await tokenOf(first.id);
    const second = { trustee_user_id: third, impersonation: true, allow_redelegation: true };
    const handed = await make(second, token);
    expect(handed).toMatchObject({ redelegated_trust_id: first.id, redelegation_count: 1 });
    expect((await use(handed.id, third)).body.token.user.id).toBe(trustor);
    expect((await create({ ...second, remaining_uses: 1 }, token)).status).toBe(400);
    expect((await create({ ...second, redelegation_count: 2 }, token)).status).toBe(403);
    const narrow = await make({ allow_redelegation: true, impersonation: true, roles: [{ name: 'reader' }] });
    expect((await create(second, await tokenOf(narrow.id))).status).toBe(403);
    const last = await make({ impersonation: true });
    expect((await create(second, await tokenOf(last.id))).status).toBe(403);
    expect((await create({ allow_redelegation: true, redelegation_count: 9 })).status).toBe(403);
    const child = await tokenOf(handed.id, third);
    await client.delete(`/OS-TRUST/trusts/${first.id}`, { as });
    expect((await client.get(`/OS-TRUST/trusts/${handed.id}`)).status).toBe(404);
    expect(await status(child)).toBe(401);
  });
});
