import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { adminPassword, serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('tokens', (databases) => {
  let cloud: ServedIdentity;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
  });
  afterAll(() => cloud.close());

  const byPassword = (password = adminPassword) => ({
    methods: ['password'],
    password: { user: { name: 'admin', domain: { name: 'Default' }, password } },
  });
  const toAdmin = { project: { name: 'admin', domain: { id: 'default' } } };

  test('a password makes a token for a project, with its roles and the catalog', async () => {
    const answer = await cloud.authenticate({ identity: byPassword(), scope: toAdmin });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('vary')).toBe('X-Auth-Token');
    const { token } = answer.body;
    expect(token).toMatchObject({
      methods: ['password'],
      user: { name: 'admin', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
      project: { name: 'admin', domain: { id: 'default', name: 'Default' } },
      is_domain: false,
      audit_ids: [expect.stringMatching(/^[\w-]{22}$/)],
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/),
    });
    expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(3_600_000);
    expect(token.roles.map((role: { name: string }) => role.name)).toEqual([
      'admin',
      'manager',
      'member',
      'reader',
    ]);
    expect(token.catalog).toEqual([
      expect.objectContaining({
        type: 'identity',
        name: 'keystone',
        endpoints: expect.arrayContaining([
          expect.objectContaining({ interface: 'public', region: 'RegionOne', region_id: 'RegionOne' }),
        ]),
      }),
    ]);
    const shown = await cloud.client.get('/auth/tokens', {
      headers: { 'x-subject-token': answer.headers.get('x-subject-token')! },
    });
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual(answer.body);
    expect(shown.headers.get('x-subject-token')).toBe(answer.headers.get('x-subject-token'));
  });

  test('a wrong password, user, domain or scope is refused in the same words', async () => {
    const refused = { code: 401, title: 'Unauthorized', message: expect.any(String) };
    const user = { name: 'nobody', domain: { id: 'default' }, password: 'x' };
    for (const auth of [
      { identity: byPassword('wrong') },
      { identity: { methods: ['password'], password: { user } } },
      { identity: { methods: ['password'], password: { user: { ...user, domain: { id: 'nowhere' } } } } },
      { identity: byPassword(), scope: { project: { id: 'nothing' } } },
      { identity: byPassword(), scope: { domain: { id: 'default' } } },
    ]) {
      const answer = await cloud.authenticate(auth);
      expect(answer.body).toEqual({ error: refused });
      expect(answer.body.error.message).toBe('The request you have made requires authentication.');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Keystone uri=/);
    }
  });

  test('what a request lacks is a 400', async () => {
    for (const auth of [
      {},
      { identity: {} },
      { identity: { methods: ['password'] } },
      { identity: { methods: ['password'], password: { user: { password: 'x' } } } },
      { identity: { methods: ['password'], password: { user: { name: 'admin', password: 'x' } } } },
      { identity: byPassword(), scope: { project: { name: 'admin' } } },
      { identity: byPassword(), scope: { project: {}, domain: {} } },
    ])
      expect((await cloud.authenticate(auth)).status).toBe(400);
  });

  test('an unknown method is refused with those there are', async () => {
    const answer = await cloud.authenticate({ identity: { methods: ['toString'], toString: {} } });
    expect(answer.status).toBe(401);
    expect(answer.body.error.identity.methods).toContain('password');
  });

  test('what is wrong with a request for a token is said as Keystone says it', async () => {
    const user = { name: 'admin', password: 'pw' };
    const cases: [auth: unknown, message: string][] = [
      [undefined, 'Expecting to find auth in request body.'],
      [{}, "'identity' is a required property"],
      [{ identity: { methods: ['toString'] } }, 'Expecting to find toString in identity.'],
      [
        { identity: { methods: ['token'], token: { id: 5 } } },
        "Invalid input for field 'identity/token/id': 5",
      ],
      [
        { identity: { methods: ['password'], password: { user: {} } } },
        'Invalid input for field identity/password/user: id or name must be present.',
      ],
      [
        { identity: { methods: ['password'], password: { user: { ...user, domain: {} } } } },
        'Invalid input for field identity/password/user/domain: id or name must be present.',
      ],
      [
        { identity: byPassword(), scope: { project: { domain: { id: 'default' } } } },
        'Invalid input for field scope/project: id or name must be present.',
      ],
      [{ identity: byPassword(), scope: null }, "Invalid input for field 'scope': None is not of type"],
      [{ identity: byPassword(), scope: 'all' }, 'Expecting to find system, project, domain,'],
    ];
    for (const [auth, message] of cases) {
      const answer = await cloud.authenticate(auth as never);
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(message);
    }
    for (const body of [[], 5, 'x']) {
      const answer = await cloud.client.post('/auth/tokens', body, { as: '' });
      expect(answer.body.error.message).toContain('Expecting to find valid JSON in request body.');
    }
  });

  test('a token without a scope is good for what is its own', async () => {
    const answer = await cloud.authenticate({ identity: byPassword(), scope: 'unscoped' });
    const as = answer.headers.get('x-subject-token')!;
    const { id } = answer.body.token.user;
    for (const path of ['/auth/tokens', `/users/${id}`, `/users/${id}/projects`, `/users/${id}/groups`])
      expect((await cloud.client.get(path, { as, headers: { 'x-subject-token': as } })).status).toBe(200);
    for (const path of ['/users', '/projects', '/domains', '/role_assignments'])
      expect((await cloud.client.get(path, { as })).status).toBe(403);
  });

  test('a token ends when its time is over, and then only a window is left', async () => {
    const answer = await cloud.authenticate({ identity: byPassword(), scope: toAdmin });
    const text = answer.headers.get('x-subject-token')!;
    const look = (query = '') =>
      cloud.client.get(`/auth/tokens${query}`, { as: cloud.admin, headers: { 'x-subject-token': text } });
    expect((await look()).status).toBe(200);
    cloud.clock.advance(3_599_000);
    expect((await look()).status).toBe(200);
    cloud.clock.advance(1000);
    expect((await cloud.client.get('/regions', { as: text })).status).toBe(401);
    const admin = (await cloud.authenticate({ identity: byPassword(), scope: toAdmin })).headers.get(
      'x-subject-token',
    )!;
    const late = (query: string) =>
      cloud.client.get(`/auth/tokens${query}`, { as: admin, headers: { 'x-subject-token': text } });
    expect((await late('')).status).toBe(404);
    expect((await late('?allow_expired=1')).status).toBe(200);
  });
});
