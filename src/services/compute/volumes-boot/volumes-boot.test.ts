import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { asVersion } from '#test/support/compute.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('servers under their other name', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
  });
  afterAll(() => world.close());

  const send = (method: string, path: string, body?: object) =>
    world.client.send(method, path, { as: 'member', ...asVersion('2.102'), body });

  test('a server is made, shown, stopped and deleted', async () => {
    const server = { name: 'vm', imageRef: world.imageId, flavorRef: '1', networks: 'none' };
    const made = await send('POST', '/os-volumes_boot', { server });
    expect(made.status).toBe(202);
    await world.sagas.idle();
    const path = `/os-volumes_boot/${made.body.server.id}`;
    const { body } = await send('GET', path);
    expect(body.server).toMatchObject({ name: 'vm', status: 'ACTIVE' });
    expect(body.server.links[0].href).toContain('/servers/');
    expect((await send('GET', '/os-volumes_boot/detail')).body.servers).toHaveLength(1);
    expect((await send('POST', `${path}/action`, { 'os-stop': null })).status).toBe(202);
    await world.sagas.idle();
    expect((await send('GET', path)).body.server.status).toBe('SHUTOFF');
    expect((await send('POST', `${path}/action`, { lock: null })).body).toEqual({
      badRequest: { code: 400, message: 'There is no such action: lock' },
    });
    expect((await send('DELETE', path)).status).toBe(204);
    await world.sagas.idle();
  });

  test('it ends with 2.102', async () => {
    const status = async (version: string) =>
      (await world.client.get('/os-volumes_boot', asVersion(version))).status;
    expect(await status('2.102')).toBe(200);
    expect(await status('2.103')).toBe(404);
  });
});
