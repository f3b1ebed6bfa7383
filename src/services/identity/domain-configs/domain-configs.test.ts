import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

const config = { identity: { driver: 'ldap' }, ldap: { url: 'ldap://here', user_tree_dn: 'ou=Users' } };

describeEachEngine('domain configs', (databases) => {
  let cloud: ServedIdentity;
  let path: string;
  let count = 0;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
  });
  afterAll(() => cloud.close());
  beforeEach(async () => {
    const { body } = await cloud.client.post('/domains', { domain: { name: `configured-${count++}` } });
    path = `/domains/${body.domain.id}/config`;
  });

  const message = (body: { error: { message: string } }) => body.error.message;

  test('a config is made, replaced, shown whole and in parts, and deleted', async () => {
    const { client } = cloud;
    expect(message((await client.get(path)).body)).toMatch(/^Could not find any options in domain config/);
    const made = await client.put(path, { config });
    expect([made.status, made.body]).toEqual([201, { config }]);
    expect((await client.put(path, { config })).status).toBe(200);
    expect((await client.get(path)).body).toEqual({ config });
    expect((await client.get(`${path}/ldap`)).body).toEqual({ config: { ldap: config.ldap } });
    expect((await client.get(`${path}/ldap/url`)).body).toEqual({ config: { url: 'ldap://here' } });
    expect((await client.put(path, { config: { ldap: { url: 'x' } } })).body.config).toEqual({
      ldap: { url: 'x' },
    });
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  test('a domain that is deleted meanwhile is not found', async () => {
    const { client, identity } = cloud;
    const id = path.split('/')[2]!;
    await client.patch(`/domains/${id}`, { domain: { enabled: false } });
    const { projects } = identity;
    const find = projects.find.bind(projects);
    const domain = await find(id);
    await client.delete(`/domains/${id}`);
    const found = vi
      .spyOn(projects, 'find')
      .mockImplementation(async (other) => (other === id ? domain : find(other)));
    const set = [await client.put(path, { config }), await client.patch(path, { config })];
    found.mockRestore();
    for (const { status, body } of set)
      expect([status, message(body)]).toEqual([404, `Could not find domain: ${id}.`]);
  });

  test('parts are changed and deleted', async () => {
    const { client } = cloud;
    await client.put(path, { config });
    const changed = await client.patch(path, { config: { identity: { list_limit: 3 } } });
    expect(changed.body.config).toEqual({ ...config, identity: { driver: 'ldap', list_limit: 3 } });
    await client.patch(`${path}/ldap`, { config: { ldap: { url: 'two' } } });
    await client.patch(`${path}/ldap/url`, { config: { url: 'three' } });
    expect((await client.get(`${path}/ldap/url`)).body).toEqual({ config: { url: 'three' } });
    expect((await client.delete(`${path}/ldap/url`)).status).toBe(204);
    expect((await client.get(`${path}/ldap/url`)).status).toBe(404);
    expect((await client.delete(`${path}/ldap/url`)).status).toBe(404);
    expect((await client.patch(`${path}/ldap/url`, { config: { url: 'four' } })).status).toBe(404);
    expect((await client.delete(`${path}/identity`)).status).toBe(204);
    expect((await client.get(path)).body.config).toEqual({ ldap: { user_tree_dn: 'ou=Users' } });
  });

  test('a sensitive option can be set and changed, but not read', async () => {
    const { client, identity } = cloud;
    const ldap = { url: 'here', password: 'hidden' };
    expect((await client.put(path, { config: { ldap } })).body.config).toEqual({ ldap: { url: 'here' } });
    await client.patch(`${path}/ldap/password`, { config: { password: 'new' } });
    expect((await client.get(`${path}/ldap/password`)).status).toBe(404);
    const [password] = await identity.domainConfigs.list(path.split('/')[2]!, { option: 'password' });
    expect(password?.value).toBe('new');
  });

  test('what makes no sense is refused', async () => {
    const { client } = cloud;
    await client.put(path, { config });
    const refusals = [
      [{}, path, 'No options specified.'],
      [
        { ldap: 'no' },
        path,
        'The value of group ldap specified in the config should be a dictionary of options.',
      ],
      [{ other: { a: 1 } }, path, 'Group other is not supported for domain specific configurations.'],
      [
        { ldap: { other: 1 } },
        path,
        'Option other in group ldap is not supported for domain specific configurations.',
      ],
      [
        { identity: { driver: 'sql' } },
        `${path}/ldap`,
        'request to update group ldap, but config provided contains group identity instead.',
      ],
      [
        config,
        `${path}/ldap`,
        'Trying to update group ldap, so that, and only that, group must be specified in the config.',
      ],
      [
        { user: 'x' },
        `${path}/ldap/url`,
        'Trying to update option url in group ldap, but config provided contains option user instead.',
      ],
      [
        { url: 'x', user: 'y' },
        `${path}/ldap/url`,
        'Trying to update option url in group ldap, so that, and only that, option must be specified in the config.',
      ],
    ] as const;
    for (const [body, at, reason] of refusals) {
      const answer = await client.patch(at, { config: body });
      expect([answer.status, message(answer.body)]).toEqual([
        403,
        `Invalid domain specific configuration: ${reason}`,
      ]);
    }
    expect((await client.get(`${path}/toString`)).status).toBe(403);
    expect((await client.put('/domains/none/config', { config })).status).toBe(404);
  });

  test('defaults are shown whole and in parts', async () => {
    const { client } = cloud;
    const whole = (await client.get('/domains/config/default')).body.config;
    expect(whole.identity).toEqual({ driver: 'sql', list_limit: null });
    expect((await client.get('/domains/config/ldap/default')).body.config).toEqual({ ldap: whole.ldap });
    expect((await client.get('/domains/config/ldap/page_size/default')).body.config).toEqual({
      page_size: 0,
    });
    expect((await client.get('/domains/config/ldap/password/default')).status).toBe(403);
    expect((await client.get('/domains/config/other/default')).status).toBe(403);
  });

  test('rules for passwords are shown for the default domain only', async () => {
    const { client } = cloud;
    const rules = { password_regex: null, password_regex_description: null };
    const at = '/domains/default/config/security_compliance';
    expect((await client.get(at)).body.config).toEqual({ security_compliance: rules });
    expect((await client.get(`${at}/password_regex`)).body.config).toEqual({ password_regex: null });
    expect((await client.get(`${at}/lockout_duration`)).status).toBe(403);
    expect((await client.get(`${path}/security_compliance`)).status).toBe(403);
  });
});
