import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

import { idOfAccessKey } from './operations.ts';
import type { CredentialTables } from './store.ts';

describeEachEngine('credentials', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let project: string;
  let user: string;
  let as: string;
  let stored: () => Promise<CredentialTables['identity_credentials'][]>;
  const role: Record<string, string> = {};
  beforeAll(async () => {
    const database = await databases.open();
    cloud = await serveIdentity(database);
    ({ client } = cloud);
    for (const { name, id } of (await client.get('/roles')).body.roles) role[name] = id;
    project = (await client.post('/projects', { project: { name: 'web' } })).body.project.id;
    user = await newUser('ann');
    as = await cloud.token({ id: user, password: 'pw' }, { project: { id: project } });
    stored = () =>
      database.tables<CredentialTables>().selectFrom('identity_credentials').selectAll().execute();
  });
  afterAll(() => cloud.close());

  const newUser = async (name: string): Promise<string> => {
    const { id } = (await client.post('/users', { user: { name, password: 'pw' } })).body.user;
    await client.put(`/projects/${project}/users/${id}/roles/${role.member}`);
    return id;
  };
  const create = (credential: object, caller = as) =>
    client.post(
      '/credentials',
      { credential: { type: 'totp', user_id: user, ...credential } },
      { as: caller },
    );
  const ec2Path = (id = user) => `/users/${id}/credentials/OS-EC2`;

  test('one is made, shown, changed, listed and deleted, and is encrypted at rest', async () => {
    const made = await create({ blob: 'a secret', colour: 'red' });
    expect(made.status).toBe(201);
    const { credential } = made.body;
    expect(credential).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      user_id: user,
      project_id: null,
      type: 'totp',
      blob: 'a secret',
      colour: 'red',
      links: { self: `${client.origin}/v3/credentials/${credential.id}` },
    });
    const path = `/credentials/${credential.id}`;
    expect((await client.get(path, { as })).body).toEqual({ credential });
    const [row] = await stored();
    expect(row!.encrypted_blob).toMatch(/^gAAAA/);
    const changed = await client.patch(path, { credential: { blob: 'new', project_id: project } }, { as });
    expect(changed.body.credential).toEqual({ ...credential, blob: 'new', project_id: project });
    const list = async (query: string) =>
      (await client.get(`/credentials?${query}`, { as })).body.credentials;
    expect(await list(`user_id=${user}&type=totp`)).toEqual([changed.body.credential]);
    expect(await list('type=cert')).toEqual([]);
    expect((await client.delete(path, { as })).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  test('nobody has to do with those of another', async () => {
    const { id } = (await create({ blob: 'x' })).body.credential;
    const otto = await newUser('otto');
    const other = await cloud.token({ id: otto, password: 'pw' }, { project: { id: project } });
    expect((await client.get(`/credentials/${id}`, { as: other })).status).toBe(403);
    expect((await client.get('/credentials', { as: other })).body.credentials).toEqual([]);
    expect((await create({ blob: 'x' }, other)).status).toBe(403);
    const given = await client.patch(`/credentials/${id}`, { credential: { user_id: otto } }, { as });
    expect(given.status).toBe(403);
    expect((await client.get('/credentials')).body.credentials.length).toBeGreaterThan(0);
  });

  test('an EC2 credential is found by its access key, which names it once', async () => {
    const ec2 = { type: 'ec2', project_id: project };
    const blob = JSON.stringify({ access: 'KEY', secret: 's' });
    const made = await create({ ...ec2, blob });
    expect(made.body.credential.id).toBe(idOfAccessKey('KEY'));
    expect((await create({ ...ec2, blob })).status).toBe(409);
    for (const bad of ['text', '[]', '{}', '{"secret":"s"}'])
      expect((await create({ ...ec2, blob: bad })).status).toBe(400);
    expect((await create({ type: 'ec2', blob })).status).toBe(400);
    const path = `/credentials/${idOfAccessKey('KEY')}`;
    const patch = (fields: object) => client.patch(path, { credential: fields }, { as });
    const bound = JSON.stringify({ access: 'KEY', secret: 's', trust_id: 'x' });
    expect((await patch({ type: 'ec2', blob: bound })).body.error.message).toBe(
      'trust_id can not be updated for credential',
    );
    expect((await patch({ project_id: null })).status).toBe(400);
    expect((await client.get(`${ec2Path()}/KEY`, { as })).body.credential).toMatchObject({ secret: 's' });
  });

  test('EC2 key pairs are made, shown, listed and deleted', async () => {
    const made = await client.post(ec2Path(), { tenant_id: project }, { as });
    expect(made.status).toBe(201);
    const { credential } = made.body;
    expect(credential).toEqual({
      user_id: user,
      tenant_id: project,
      access: expect.stringMatching(/^[0-9a-f]{32}$/),
      secret: expect.stringMatching(/^[0-9a-f]{32}$/),
      trust_id: null,
      links: { self: `${client.origin}/v3${ec2Path()}/${credential.access}` },
    });
    const path = `${ec2Path()}/${credential.access}`;
    expect((await client.get(path, { as })).body).toEqual({ credential });
    expect((await client.get(ec2Path(), { as })).body.credentials).toContainEqual(credential);
    expect((await client.post(ec2Path(), { tenant_id: 'nothing' }, { as })).status).toBe(404);
    expect((await client.post(ec2Path(), {}, { as })).status).toBe(400);
    const rita = await newUser('rita');
    const other = await cloud.token({ id: rita, password: 'pw' }, { project: { id: project } });
    expect((await client.get(path, { as: other })).status).toBe(403);
    expect((await client.get(`${ec2Path(rita)}/${credential.access}`)).status).toBe(404);
    expect((await client.post(ec2Path(), { tenant_id: project }, { as: other })).status).toBe(403);
    expect((await client.delete(path, { as })).status).toBe(204);
    expect((await client.get(path, { as })).status).toBe(404);
  });

  test('what an application credential makes stays within its project, and it must be unrestricted', async () => {
    const login = async (unrestricted: boolean) => {
      const application_credential = { name: `robot ${unrestricted}`, unrestricted };
      const made = await client.post(
        `/users/${user}/application_credentials`,
        { application_credential },
        { as },
      );
      const { id, secret } = made.body.application_credential;
      const answer = await cloud.authenticate({
        identity: { methods: ['application_credential'], application_credential: { id, secret } },
      });
      return { id, token: answer.headers.get('x-subject-token')! };
    };
    const tame = await login(false);
    expect((await client.post(ec2Path(), { tenant_id: project }, { as: tame.token })).status).toBe(403);
    const wild = await login(true);
    const made = await client.post(ec2Path(), { tenant_id: project }, { as: wild.token });
    expect(made.status).toBe(201);
    const { id } = (await client.get(`/credentials/${idOfAccessKey(made.body.credential.access)}`)).body
      .credential;
    expect(JSON.parse((await client.get(`/credentials/${id}`)).body.credential.blob).app_cred_id).toBe(
      wild.id,
    );
    const elsewhere = (await client.post('/projects', { project: { name: 'other' } })).body.project.id;
    expect((await client.post(ec2Path(), { tenant_id: elsewhere }, { as: wild.token })).status).toBe(403);
    expect((await create({ blob: 'x', project_id: elsewhere }, wild.token)).status).toBe(403);
    const outside = (await create({ blob: 'x', project_id: elsewhere })).body.credential.id;
    expect((await client.get(`/credentials/${outside}`, { as: wild.token })).status).toBe(403);
    const listed = (await client.get('/credentials', { as: wild.token })).body.credentials;
    expect(listed.map((c: { id: string }) => c.id)).not.toContain(outside);
  });

  test('they go with their project and their user', async () => {
    const gone = (await client.post('/projects', { project: { name: 'gone' } })).body.project.id;
    const { id } = (await create({ blob: 'x', project_id: gone })).body.credential;
    await client.delete(`/projects/${gone}`);
    expect((await client.get(`/credentials/${id}`)).status).toBe(404);
    const nina = await newUser('nina');
    const hers = (await create({ blob: 'x', user_id: nina }, cloud.admin)).body.credential.id;
    await client.delete(`/users/${nina}`);
    expect((await client.get(`/credentials/${hers}`)).status).toBe(404);
    expect((await create({ blob: 'x', user_id: 'nobody' }, cloud.admin)).status).toBe(404);
  });
});
