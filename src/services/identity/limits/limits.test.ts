import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('unified limits', (databases) => {
  let cloud: ServedIdentity;
  let serviceId: string;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    serviceId = await made('services', 'service', { type: 'compute', name: 'nova' });
    await cloud.client.put('/regions/north', { region: {} });
  });
  afterAll(() => cloud.close());

  const made = async (path: string, key: string, fields: object): Promise<string> =>
    (await cloud.client.post(`/${path}`, { [key]: fields })).body[key].id;

  const register = (fields: object = {}) =>
    cloud.client.post('/registered_limits', {
      registered_limits: [{ service_id: serviceId, resource_name: 'cores', default_limit: 10, ...fields }],
    });

  describe('registered', () => {
    test('one is made, shown, changed, listed and deleted', async () => {
      const { client } = cloud;
      const answer = await register({ region_id: 'north', description: 'Cores.' });
      expect(answer.status).toBe(201);
      const [limit] = answer.body.registered_limits;
      expect(answer.body).toEqual({ registered_limits: [limit] });
      expect(limit).toEqual({
        id: expect.any(String),
        service_id: serviceId,
        region_id: 'north',
        resource_name: 'cores',
        default_limit: 10,
        description: 'Cores.',
        links: { self: `${client.origin}/v3/registered_limits/${limit.id}` },
      });
      const path = `/registered_limits/${limit.id}`;
      expect((await client.get(path)).body).toEqual({ registered_limit: limit });
      const changes = { region_id: null, default_limit: -1 };
      const changed = await client.patch(path, { registered_limit: changes });
      expect(changed.body.registered_limit).toEqual({ ...limit, ...changes });
      const list = async (query: string) =>
        (await client.get(`/registered_limits?${query}`)).body.registered_limits.length;
      expect(await list(`service_id=${serviceId}&resource_name=cores`)).toBe(1);
      expect(await list('resource_name__startswith=co')).toBe(1);
      expect(await list('region_id=north')).toBe(0);
      expect((await client.delete(path)).status).toBe(204);
      expect((await client.get(path)).status).toBe(404);
    });

    test('there is one for each resource and region, of services and regions that exist', async () => {
      const first = await register({ resource_name: 'one' });
      expect((await register({ resource_name: 'one' })).status).toBe(409);
      expect((await register({ resource_name: 'one', region_id: 'north' })).status).toBe(201);
      const path = `/registered_limits/${first.body.registered_limits[0].id}`;
      const moved = await cloud.client.patch(path, { registered_limit: { region_id: 'north' } });
      expect(moved.status).toBe(409);
      expect(moved.body.error.message).toBe(
        'Conflict occurred attempting to store registered_limit - Duplicate entry.',
      );
      for (const wrong of [{ service_id: 'none' }, { region_id: 'none' }, { default_limit: -2 }]) {
        expect((await register({ resource_name: 'wrong', ...wrong })).status).toBe(400);
      }
    });

    test('what they are for cannot be deleted before they are', async () => {
      const own = await made('services', 'service', { type: 'volume', name: 'cinder' });
      await cloud.client.put('/regions/south', { region: {} });
      const { body } = await register({ service_id: own, region_id: 'south' });
      expect((await cloud.client.delete(`/services/${own}`)).status).toBe(403);
      expect((await cloud.client.delete('/regions/south')).status).toBe(403);
      await cloud.client.delete(`/registered_limits/${body.registered_limits[0].id}`);
      expect((await cloud.client.delete(`/services/${own}`)).status).toBe(204);
      expect((await cloud.client.delete('/regions/south')).status).toBe(204);
    });
  });

  describe('of projects and domains', () => {
    let registeredId: string;
    let domainId: string;
    let projectId: string;
    beforeAll(async () => {
      registeredId = (await register({ resource_name: 'ram' })).body.registered_limits[0].id;
      domainId = await made('domains', 'domain', { name: 'limited' });
      projectId = await made('projects', 'project', { name: 'limited', domain_id: domainId });
    });

    const limit = (fields: object) =>
      cloud.client.post('/limits', {
        limits: [{ service_id: serviceId, resource_name: 'ram', resource_limit: 5, ...fields }],
      });

    test('one is made, shown, changed, listed and deleted', async () => {
      const { client } = cloud;
      const answer = await limit({ project_id: projectId });
      expect(answer.status).toBe(201);
      const [one] = answer.body.limits;
      expect(one).toEqual({
        id: expect.any(String),
        project_id: projectId,
        domain_id: null,
        service_id: serviceId,
        region_id: null,
        resource_name: 'ram',
        resource_limit: 5,
        description: null,
        links: { self: `${client.origin}/v3/limits/${one.id}` },
      });
      const path = `/limits/${one.id}`;
      expect((await client.get(path)).body).toEqual({ limit: one });
      const changed = await client.patch(path, { limit: { resource_limit: 0, description: 'None.' } });
      expect(changed.body.limit).toEqual({ ...one, resource_limit: 0, description: 'None.' });
      const list = async (query: string) => (await client.get(`/limits?${query}`)).body.limits;
      expect(await list(`project_id=${projectId}`)).toEqual([changed.body.limit]);
      expect(await list(`domain_id=${domainId}`)).toEqual([]);
      expect((await limit({ project_id: projectId })).status).toBe(409);
      const registered = `/registered_limits/${registeredId}`;
      expect((await client.delete(registered)).status).toBe(403);
      expect((await client.patch(registered, { registered_limit: { default_limit: 1 } })).status).toBe(403);
      expect((await client.delete(path)).status).toBe(204);
      expect((await client.get(path)).status).toBe(404);
    });

    test('a domain named as the project it is gets a limit of the domain', async () => {
      const answer = await limit({ project_id: domainId });
      expect(answer.body.limits).toMatchObject([{ project_id: null, domain_id: domainId }]);
      expect((await limit({ domain_id: domainId })).status).toBe(409);
      await cloud.client.delete(`/limits/${answer.body.limits[0].id}`);
    });

    test('something must be registered, and the limit be one owner’s', async () => {
      const unregistered = await limit({ project_id: projectId, resource_name: 'disk' });
      expect(unregistered.status).toBe(403);
      expect(unregistered.body.error.message).toBe(
        'Unable to create a limit that has no corresponding registered limit.',
      );
      const wrong = [
        {},
        { project_id: projectId, domain_id: domainId },
        { domain_id: projectId },
        { project_id: 'x' },
      ];
      for (const fields of wrong) expect((await limit(fields)).status).toBe(400);
    });

    test('what it is of must not be gone when it is made', async () => {
      const { registeredLimits, services } = cloud.identity;
      const registered = (await registeredLimits.find(registeredId))!;
      const findFor = vi.spyOn(registeredLimits, 'findFor').mockResolvedValue({ ...registered, id: 'gone' });
      const refused = await limit({ project_id: projectId });
      findFor.mockRestore();
      expect(refused.body.error).toMatchObject({
        code: 403,
        message: 'Unable to create a limit that has no corresponding registered limit.',
      });
      const service = (await services.find(serviceId))!;
      const find = vi.spyOn(services, 'find').mockResolvedValue(service);
      const gone = '0'.repeat(32);
      const unregistered = await register({ service_id: gone });
      const moved = await cloud.client.patch(`/registered_limits/${registeredId}`, {
        registered_limit: { service_id: gone },
      });
      find.mockRestore();
      for (const { body } of [unregistered, moved])
        expect(body.error.message).toMatch(/^Expecting to find service_id in registered_limit\./);
    });

    test('callers see those of what their token is for', async () => {
      const { client, identity } = cloud;
      const other = await made('projects', 'project', { name: 'other' });
      const ids: string[] = [];
      for (const owner of [{ project_id: projectId }, { project_id: other }, { domain_id: domainId }])
        ids.push((await limit(owner)).body.limits[0].id);
      const [role] = await identity.roles.list({ name: 'reader' });
      const user = await made('users', 'user', { name: 'limited', password: 'secret' });
      await client.put(`/projects/${projectId}/users/${user}/roles/${role!.id}`);
      await client.put(`/domains/${domainId}/users/${user}/roles/${role!.id}`);
      const seenIn = async (scope: object) => {
        const identityPart = { methods: ['password'], password: { user: { id: user, password: 'secret' } } };
        const login = await client.post('/auth/tokens', { auth: { identity: identityPart, scope } });
        const as = { as: login.headers.get('x-subject-token')! };
        const listed = (await client.get('/limits', as)).body.limits.map((one: { id: string }) => one.id);
        const shown = await Promise.all(
          ids.map(async (id) => (await client.get(`/limits/${id}`, as)).status),
        );
        return [listed.toSorted(), shown];
      };
      expect(await seenIn({ project: { id: projectId } })).toEqual([[ids[0]], [200, 403, 403]]);
      expect(await seenIn({ domain: { id: domainId } })).toEqual([
        [ids[0]!, ids[2]!].toSorted(),
        [200, 403, 200],
      ]);
      expect((await client.get('/limits')).body.limits).toHaveLength(3);
    });

    test('those of a deleted project go with it', async () => {
      const own = await made('projects', 'project', { name: 'short-lived' });
      const { body } = await limit({ project_id: own });
      await cloud.client.delete(`/projects/${own}`);
      expect((await cloud.client.get(`/limits/${body.limits[0].id}`)).status).toBe(404);
    });

    test('the model is flat', async () => {
      expect((await cloud.client.get('/limits/model')).body.model.name).toBe('flat');
    });
  });
});
