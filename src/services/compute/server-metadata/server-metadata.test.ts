import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('server metadata', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let path: string;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), { options: { quota_metadata_items: 3 } });
    path = `/servers/${await world.makeServer()}/metadata`;
  });
  afterAll(() => world.close());

  test('items are set, replaced and removed', async () => {
    expect((await world.send('POST', path, { metadata: { a: '1', b: '2' } })).body).toEqual({
      metadata: { a: '1', b: '2' },
    });
    expect((await world.send('PUT', path, { metadata: { c: '3' } })).body.metadata).toEqual({ c: '3' });
    expect((await world.send('PUT', `${path}/d`, { meta: { d: '4' } })).body).toEqual({ meta: { d: '4' } });
    expect((await world.send('GET', `${path}/d`)).body).toEqual({ meta: { d: '4' } });
    expect((await world.send('DELETE', `${path}/d`)).status).toBe(204);
    expect((await world.send('GET', path)).body).toEqual({ metadata: { c: '3' } });
    expect((await world.send('GET', `${path}/d`)).body.itemNotFound.message).toBe(
      'Metadata item was not found',
    );
  });

  test('what cannot be is refused', async () => {
    expect((await world.send('PUT', `${path}/d`, { meta: { e: '4' } })).body.badRequest.message).toBe(
      'Request body and URI mismatch',
    );
    expect((await world.send('PUT', `${path}/d`, { meta: {} })).status).toBe(400);
    expect((await world.send('POST', path, { metadata: { '': 'x' } })).status).toBe(400);
    const many = await world.send('POST', path, { metadata: { a: '1', b: '2', c: '3', d: '4' } });
    expect(many.body.forbidden.message).toBe('Maximum number of metadata items exceeds 3');
    expect((await world.send('GET', path, undefined, { as: 'stranger' })).status).toBe(404);
    expect((await world.send('POST', path, { metadata: {} }, { as: 'reader' })).status).toBe(403);
  });

  test('changes at once are all kept', async () => {
    await world.send('PUT', path, { metadata: {} });
    await Promise.all(['x', 'y', 'z'].map((key) => world.send('POST', path, { metadata: { [key]: '1' } })));
    expect((await world.send('GET', path)).body.metadata).toEqual({ x: '1', y: '1', z: '1' });
  });
});
