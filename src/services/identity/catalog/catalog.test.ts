import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

import { fillUrl, isUrlTemplate } from './url-template.ts';

describe('URLs of endpoints', () => {
  test('places are filled either way they are written', () => {
    expect(fillUrl('http://h/v1/$(project_id)s/%(user_id)s', { project_id: 'p', user_id: 'u' })).toBe(
      'http://h/v1/p/u',
    );
    expect(fillUrl('http://h/100%%', {})).toBe('http://h/100%');
  });

  test('what is not known or not a place makes the URL unusable', () => {
    for (const url of ['http://h/$(secret)s', 'http://h/%x', 'http://h/$(project_id)', 'http://h/%'])
      expect(fillUrl(url, { project_id: 'p' })).toBeUndefined();
    expect(isUrlTemplate('http://h/AUTH_$(tenant_id)s')).toBe(true);
    expect(isUrlTemplate('http://h/$(admin_token)s')).toBe(false);
  });
});

describeEachEngine('the catalog', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const newService = async (fields: object = {}) =>
    (await client.post('/services', { service: { type: 'thing', ...fields } })).body.service;
  const newEndpoint = (serviceId: string, fields: object = {}) =>
    client.post('/endpoints', {
      endpoint: { interface: 'public', url: 'http://h', service_id: serviceId, ...fields },
    });
  const inCatalog = async (type: string) =>
    (await client.get('/auth/catalog')).body.catalog.find((s: { type: string }) => s.type === type);

  test('a service is made, shown, changed, listed and deleted', async () => {
    const service = await newService({ name: 'thingy', description: 'Things', colour: 'red' });
    expect(service).toEqual({
      id: expect.any(String),
      type: 'thing',
      name: 'thingy',
      enabled: true,
      description: 'Things',
      colour: 'red',
      links: { self: `${client.origin}/v3/services/${service.id}` },
    });
    expect((await client.get(`/services/${service.id}`)).body).toEqual({ service });
    const changed = await client.patch(`/services/${service.id}`, { service: { name: 'new' } });
    expect(changed.body.service).toEqual({ ...service, name: 'new' });
    expect((await client.get('/services?type=thing&name=new')).body.services).toEqual([changed.body.service]);
    expect((await client.get('/services?name__istartswith=KEY')).body.services).toHaveLength(1);
    for (const fields of [{ type: '' }, { enabled: 'yes' }, { name: '' }])
      expect((await client.post('/services', { service: fields })).status).toBe(400);
    expect((await client.delete(`/services/${service.id}`)).status).toBe(204);
    expect((await client.get(`/services/${service.id}`)).status).toBe(404);
  });

  test('an endpoint is made, shown, changed, listed and deleted', async () => {
    const service = await newService();
    const made = await newEndpoint(service.id, { region: 'RegionOne', name: 'mine' });
    expect(made.status).toBe(201);
    const { endpoint } = made.body;
    expect(endpoint).toEqual({
      id: expect.any(String),
      interface: 'public',
      region: 'RegionOne',
      region_id: 'RegionOne',
      service_id: service.id,
      url: 'http://h',
      enabled: true,
      name: 'mine',
      links: { self: `${client.origin}/v3/endpoints/${endpoint.id}` },
    });
    expect((await client.get(`/endpoints/${endpoint.id}`)).body).toEqual({ endpoint });
    const path = `/endpoints/${endpoint.id}`;
    const changed = await client.patch(path, { endpoint: { interface: 'admin', region_id: null } });
    expect(changed.body.endpoint).toMatchObject({ interface: 'admin', region: null, region_id: null });
    const list = (query: string) => client.get(`/endpoints?service_id=${service.id}&${query}`);
    expect((await list('interface=admin')).body.endpoints).toEqual([changed.body.endpoint]);
    expect((await list('region_id=RegionOne')).body.endpoints).toEqual([]);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  test('an endpoint names a region and a service that are there; an old-style region is made', async () => {
    const { id } = await newService();
    const refused = await newEndpoint(id, { region_id: 'nowhere' });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toMatch(/^Expecting to find endpoint region_id in region table/);
    expect((await newEndpoint('nothing')).body.error.message).toMatch(/endpoint service_id in service table/);
    expect((await newEndpoint(id, { region: 'Fresh' })).status).toBe(201);
    expect((await client.get('/regions/Fresh')).status).toBe(200);
    expect((await client.delete('/regions/Fresh')).status).toBe(403);
    const { endpoint } = (await newEndpoint(id, { region_id: 'Fresh' })).body;
    const kept = await client.patch(`/endpoints/${endpoint.id}`, { endpoint: { region: null } });
    expect(kept.body.endpoint).toMatchObject({ region: 'Fresh', region_id: 'Fresh' });
    for (const fields of [
      { url: 'none' },
      { url: 'http://h/$(admin_token)s' },
      { interface: 'secret' },
      { enabled: 'x' },
    ])
      expect((await newEndpoint(id, fields)).status).toBe(400);
  });

  test('an endpoint may be given a URL that fits no catalog, but none that is no URL', async () => {
    const { id } = await newService({ type: 'moved' });
    const { endpoint } = (await newEndpoint(id)).body;
    const move = (url: string) => client.patch(`/endpoints/${endpoint.id}`, { endpoint: { url } });
    const moved = await move('http://h/$(admin_token)s');
    expect([moved.status, moved.body.endpoint]).toEqual([
      200,
      { ...endpoint, url: 'http://h/$(admin_token)s' },
    ]);
    expect((await inCatalog('moved')).endpoints).toEqual([]);
    for (const url of ['none', `http://${'h'.repeat(220)}`]) expect((await move(url)).status).toBe(400);
  });

  test('what is enabled is in the catalog, with the project filled in', async () => {
    const project = (await client.get('/projects?name=admin')).body.projects[0].id;
    const service = await newService({ type: 'store', name: 'swift' });
    const url = 'http://h/AUTH_$(project_id)s';
    const { endpoint } = (await newEndpoint(service.id, { url, region_id: 'RegionOne' })).body;
    const hidden = (await newEndpoint(service.id, { enabled: false })).body.endpoint;
    expect(await inCatalog('store')).toEqual({
      id: service.id,
      type: 'store',
      name: 'swift',
      endpoints: [
        {
          id: endpoint.id,
          interface: 'public',
          region: 'RegionOne',
          region_id: 'RegionOne',
          url: `http://h/AUTH_${project}`,
        },
      ],
    });
    await client.patch(`/endpoints/${hidden.id}`, { endpoint: { enabled: true } });
    expect((await inCatalog('store')).endpoints).toHaveLength(2);
    const user = (await client.get('/users?name=admin')).body.users[0].id;
    const role = (await client.get('/roles?name=admin')).body.roles[0].id;
    await client.put(`/domains/default/users/${user}/roles/${role}`);
    // without a project its place cannot be filled
    const token = await cloud.authenticate({
      identity: { methods: ['token'], token: { id: cloud.admin } },
      scope: { domain: { id: 'default' } },
    });
    const inDomain = token.body.token.catalog.find((s: { type: string }) => s.type === 'store');
    expect(inDomain.endpoints.map((e: { url: string }) => e.url)).toEqual(['http://h']);
    await client.patch(`/services/${service.id}`, { service: { enabled: false } });
    expect(await inCatalog('store')).toBeUndefined();
  });
});
