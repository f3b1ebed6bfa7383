import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

import { signatureOf, type SigningSecrets } from './signature.ts';

const password = 'pw';

interface Pair {
  readonly id: string;
  readonly secret: string;
}

describeEachEngine('OAuth tokens', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let project: string;
  let user: string;
  let consumer: Pair;
  /** The user's token, for the project. */
  let as: string;
  let count = 0;
  const role: Record<string, string> = {};
  // a new one each time, for time goes on in some
  beforeEach(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    for (const { name, id } of (await client.get('/roles')).body.roles) role[name] = id;
    project = (await client.post('/projects', { project: { name: `p${++count}` } })).body.project.id;
    user = (await client.post('/users', { user: { name: `u${++count}`, password } })).body.user.id;
    await client.put(`/projects/${project}/users/${user}/roles/${role.admin}`);
    as = await cloud.token({ id: user, password }, { project: { id: project } });
    consumer = (await client.post('/OS-OAUTH1/consumers', { consumer: {} })).body.consumer;
  });
  afterEach(() => {
    vi.restoreAllMocks();
    return cloud.close();
  });

  /** Sends what a consumer has signed; `given` are its parameters beside or instead of the usual ones, and an empty one is left out. */
  const signed = async (
    path: string,
    given: Record<string, string>,
    secrets: SigningSecrets,
    { body, headers }: { body?: object; headers?: Record<string, string> } = {},
  ) => {
    const parameters = new Map(
      Object.entries({
        oauth_consumer_key: consumer.id,
        oauth_nonce: `nonce ${++count}`,
        oauth_timestamp: String(Math.floor(cloud.clock.now() / 1000)),
        oauth_signature_method: 'HMAC-SHA1',
        oauth_version: '1.0',
        ...given,
      }).filter(([, value]) => value !== ''),
    );
    const { origin } = client;
    const request = { method: 'POST', url: `/v3${path}`, origin, headers: {} };
    const signature = signatureOf(request, parameters, secrets).toString('base64');
    const fields = [...new Map([['oauth_signature', signature], ...parameters])].map(
      ([name, value]) => `${name}="${encodeURIComponent(value)}"`,
    );
    const authorization = `OAuth realm="x", ${fields.join(', ')}`;
    return client.send('POST', path, { ...(body && { body }), headers: { authorization, ...headers } });
  };
  const ask = (given: Record<string, string> = {}, wanted = project, secret = consumer.secret) =>
    signed(
      '/OS-OAUTH1/request_token',
      { oauth_callback: 'oob', ...given },
      { consumer: secret },
      { headers: { 'requested-project-id': wanted } },
    );
  const pairIn = (text: string): Pair => {
    const query = new URLSearchParams(text);
    return { id: query.get('oauth_token')!, secret: query.get('oauth_token_secret')! };
  };
  const asked = async (): Promise<Pair> => {
    const answer = await ask();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    return pairIn(answer.body);
  };
  const grant = (id: string, roles: object[] = [{ id: role.member }], caller = as) =>
    client.put(`/OS-OAUTH1/authorize/${id}`, { roles }, { as: caller });
  const take = (request: Pair, verifier: string, given: Record<string, string> = {}) =>
    signed(
      '/OS-OAUTH1/access_token',
      { oauth_token: request.id, oauth_verifier: verifier, ...given },
      { consumer: consumer.secret, token: request.secret },
    );
  /** Access with the given roles, as a consumer gets it. */
  const access = async (roles?: object[]): Promise<Pair> => {
    const request = await asked();
    const { body } = await grant(request.id, roles);
    const answer = await take(request, body.token.oauth_verifier);
    expect(answer.status).toBe(201);
    return pairIn(answer.body);
  };
  const use = (pair: Pair, given: Record<string, string> = {}) =>
    signed(
      '/auth/tokens',
      { oauth_token: pair.id, ...given },
      { consumer: consumer.secret, token: pair.secret },
      { body: { auth: { identity: { methods: ['oauth1'], oauth1: {} } } } },
    );
  const tokenOf = async (pair: Pair) => {
    const answer = await use(pair);
    expect(answer.status).toBe(201);
    return answer.headers.get('x-subject-token')!;
  };
  const isValid = async (token: string) => (await client.get('/auth/projects', { as: token })).status === 200;

  test("what a user grants gets a consumer tokens of the user's, with the roles granted", async () => {
    const pair = await access([{ name: 'reader' }]);
    const answer = await use(pair);
    expect(answer.body.token).toMatchObject({
      methods: ['oauth1'],
      user: { id: user },
      project: { id: project },
      roles: [{ name: 'reader' }],
      'OS-OAUTH1': { access_token_id: pair.id, consumer_id: consumer.id },
    });
    const token = answer.headers.get('x-subject-token')!;
    const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
    expect(shown.body).toEqual(answer.body);
    expect(await isValid(token)).toBe(true);
  });

  test('access is listed, shown with its roles, and taken back', async () => {
    const pair = await access();
    const token = await tokenOf(pair);
    const path = `/users/${user}/OS-OAUTH1/access_tokens`;
    const self = `${client.origin}/v3${path}/${pair.id}`;
    const shown = {
      id: pair.id,
      consumer_id: consumer.id,
      project_id: project,
      authorizing_user_id: user,
      expires_at: expect.stringMatching(/Z$/),
      links: { self, roles: `${self}/roles` },
    };
    expect((await client.get(path)).body.access_tokens).toEqual([shown]);
    expect((await client.get(`${path}/${pair.id}`)).body).toEqual({ access_token: shown });
    const { description: _, ...member } = (await client.get(`/roles/${role.member}`)).body.role;
    expect((await client.get(`${path}/${pair.id}/roles`)).body.roles).toEqual([member]);
    expect((await client.get(`${path}/${pair.id}/roles/${role.member}`)).body).toEqual({ role: member });
    for (const missing of [`/${pair.id}/roles/${role.reader}`, '/x', '/x/roles'])
      expect((await client.get(path + missing)).status).toBe(404);
    const other = `/users/${project}/OS-OAUTH1/access_tokens/${pair.id}`;
    expect((await client.get(other)).status).toBe(404);
    expect((await client.get(`${other}/roles`)).status).toBe(404);
    expect((await client.get(`${other}/roles/${role.member}`)).status).toBe(401);
    expect((await client.delete(other)).status).toBe(401);
    expect((await client.delete(`${path}/${pair.id}`)).status).toBe(204);
    expect(await isValid(token)).toBe(false);
    expect(await use(pair)).toMatchObject({
      status: 404,
      body: { error: { message: 'Access token not found' } },
    });
  });

  test('with a consumer goes all it was granted', async () => {
    const pair = await access();
    const token = await tokenOf(pair);
    expect((await client.delete(`/OS-OAUTH1/consumers/${consumer.id}`)).status).toBe(204);
    expect(await isValid(token)).toBe(false);
    expect((await use(pair)).status).toBe(404);
  });

  test('a role taken from the user is no longer had by the consumer', async () => {
    const pair = await access([{ id: role.reader }, { id: role.manager }]);
    const token = await tokenOf(pair);
    await client.put(`/projects/${project}/users/${user}/roles/${role.reader}`);
    await client.delete(`/projects/${project}/users/${user}/roles/${role.admin}`);
    expect((await use(pair)).body.token.roles).toEqual([{ id: role.reader, name: 'reader' }]);
    await client.delete(`/projects/${project}/users/${user}/roles/${role.reader}`);
    expect(await isValid(token)).toBe(false);
  });

  test('nothing is asked for without a project, a consumer and a good signature', async () => {
    const words = async (given: Record<string, string>, wanted?: string, secret?: string) => {
      const { status, body } = await ask(given, wanted, secret);
      return [status, body.error.message];
    };
    expect(await words({ oauth_consumer_key: '' })).toEqual([
      400,
      expect.stringContaining('Expecting to find oauth_consumer_key in request.'),
    ]);
    expect(await words({}, '')).toEqual([400, expect.stringContaining('Requested-Project-Id')]);
    expect(await words({}, 'x')).toEqual([404, 'Could not find project: x.']);
    expect(await words({ oauth_consumer_key: 'x' })).toEqual([404, 'Consumer not found']);
    expect(await words({}, project, 'x')).toEqual([401, expect.any(String)]);
    expect(await words({ oauth_signature: 'x' })).toEqual([401, expect.any(String)]);
    expect(await words({ oauth_timestamp: '1000000000' })).toEqual([
      400,
      'Validation failed with errors: invalid_request, detail message is: ' +
        'Timestamp given is invalid, differ from allowed by over 600 seconds..',
    ]);
    expect((await client.post('/OS-OAUTH1/request_token')).status).toBe(400);
  });

  test('a user grants only roles that are had, of what was asked for and is not over', async () => {
    const request = await asked();
    await client.put(`/projects/${project}/users/${user}/roles/${role.member}`);
    const none = (await client.post('/roles', { role: { name: `r${++count}` } })).body.role.id;
    expect(await grant(request.id, [{ id: none }])).toMatchObject({ status: 401 });
    for (const roles of [[{}], [{ id: none, name: 'x' }], [{ colour: 'red' }]])
      expect((await grant(request.id, roles)).status).toBe(400);
    expect((await grant(request.id, [{ name: 'no such' }])).status).toBe(404);
    expect((await grant('x')).status).toBe(404);
    cloud.clock.advance(28_801_000);
    as = await cloud.token({ id: user, password }, { project: { id: project } });
    expect((await grant(request.id)).status).toBe(401);
  });

  test('access is taken once, by whoever asked, and with the verifier', async () => {
    const request = await asked();
    expect((await take(request, 'x')).status).toBe(401);
    const { body } = await grant(request.id);
    const verifier: string = body.token.oauth_verifier;
    expect(verifier).toMatch(/^[a-zA-Z2-9]{8}$/);
    expect((await take(request, 'x')).status).toBe(401);
    expect((await take({ ...request, secret: 'x' }, verifier)).status).toBe(401);
    expect((await take(request, verifier, { oauth_verifier: '' })).status).toBe(400);
    const mine = consumer;
    consumer = (await client.post('/OS-OAUTH1/consumers', { consumer: {} })).body.consumer;
    expect((await take(request, verifier)).status).toBe(401);
    consumer = mine;
    const taken = await Promise.all([take(request, verifier), take(request, verifier)]);
    expect(taken.map(({ status }) => status).toSorted()).toEqual([201, 404]);
    expect((await take(request, verifier)).status).toBe(404);
    const kept = await client.get(`/users/${user}/OS-OAUTH1/access_tokens`);
    expect(kept.body.access_tokens).toHaveLength(1);
  });

  /** Deletes something right before the next change is written. */
  const deleteMeanwhile = (path: string) => {
    const { changes } = cloud.identity;
    const apply = changes.apply.bind(changes);
    vi.spyOn(changes, 'apply').mockImplementationOnce(async (work) => {
      expect((await client.delete(path)).status).toBe(204);
      return apply(work);
    });
  };
  const words = ({ status, body }: { status: number; body: { error?: { message: string } } }) => [
    status,
    body.error?.message,
  ];

  test.each([
    ['the project', () => `/projects/${project}`, () => `Could not find project: ${project}.`],
    ['the consumer', () => `/OS-OAUTH1/consumers/${consumer.id}`, () => 'Consumer not found'],
  ])('nothing is asked for when %s is deleted meanwhile', async (_, path, message) => {
    deleteMeanwhile(path());
    expect(words(await ask())).toEqual([404, message()]);
  });

  test.each([
    ['the project', () => `/projects/${project}`, 404],
    ['the consumer', () => `/OS-OAUTH1/consumers/${consumer.id}`, 404],
    ['the user', () => `/users/${user}`, 401],
  ])('nothing is granted when %s is deleted meanwhile', async (_, path, status) => {
    const request = await asked();
    deleteMeanwhile(path());
    const answer = await grant(request.id);
    expect(answer.status).toBe(status);
    if (status === 404) expect(words(answer)).toEqual([404, 'Request token not found']);
  });

  test.each([
    ['the project', () => `/projects/${project}`],
    ['the consumer', () => `/OS-OAUTH1/consumers/${consumer.id}`],
    ['the user', () => `/users/${user}`],
  ])('no access is taken when %s is deleted meanwhile', async (_, path) => {
    const request = await asked();
    const { body } = await grant(request.id);
    deleteMeanwhile(path());
    expect(words(await take(request, body.token.oauth_verifier))).toEqual([404, 'Request token not found']);
  });

  test('a token is had only with a good signature, until access ends', async () => {
    const pair = await access();
    expect((await use({ ...pair, secret: 'x' })).status).toBe(401);
    expect((await use(pair, { oauth_timestamp: '1000000000' })).status).toBe(401);
    expect((await use(pair, { oauth_consumer_key: 'x' })).status).toBe(401);
    expect((await use({ ...pair, id: 'x' })).status).toBe(404);
    const auth = { identity: { methods: ['oauth1'], oauth1: {} } };
    expect((await cloud.authenticate(auth)).status).toBe(400);
    cloud.clock.advance(86_401_000);
    expect((await use(pair)).status).toBe(401);
  });

  test('a token never outlives the access it was had by', async () => {
    const pair = await access();
    cloud.clock.advance(86_000_000);
    const left = Date.parse((await use(pair)).body.token.expires_at) - cloud.clock.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(400_000);
  });

  test('who acts for another hands nothing on', async () => {
    const pair = await access([{ name: 'admin' }]);
    const token = await tokenOf(pair);
    const request = await asked();
    expect((await grant(request.id, [], token)).status).toBe(403);
    expect((await client.get(`/users/${user}/OS-OAUTH1/access_tokens`, { as: token })).status).toBe(403);
    const rescoped = await cloud.authenticate({ identity: { methods: ['token'], token: { id: token } } });
    expect(rescoped.status).toBe(403);
    const trust = {
      trustor_user_id: user,
      trustee_user_id: user,
      project_id: project,
      impersonation: false,
      roles: [{ name: 'admin' }],
    };
    expect((await client.post('/OS-TRUST/trusts', { trust }, { as: token })).status).toBe(403);
    const made = await client.post(
      `/users/${user}/application_credentials`,
      { application_credential: { name: 'a' } },
      { as: token },
    );
    expect(made.status).toBe(403);
  });
});
