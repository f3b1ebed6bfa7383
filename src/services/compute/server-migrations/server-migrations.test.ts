import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('migrations', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let failing = '';
  beforeAll(async () => {
    const before = (operation: string) => {
      if (failing === operation) throw new Error('the disk is full');
    };
    world = await ComputeWorld.open(await databases.open(), { hypervisor: { before } });
  });
  afterAll(() => world.close());

  const list = async (query = '', version = 'latest') =>
    (await world.send('GET', `/os-migrations${query}`, undefined, { as: 'admin', version })).body;
  const resize = async (): Promise<string> => {
    const id = await world.makeServer();
    await world.act(id, 'resize', { flavorRef: '2' });
    return id;
  };

  test('a resize is a migration from its beginning to its end', async () => {
    const id = await resize();
    const { migrations } = await list(`?instance_uuid=${id}`);
    expect(migrations).toEqual([
      {
        id: 1,
        uuid: expect.any(String),
        instance_uuid: id,
        status: 'finished',
        migration_type: 'resize',
        source_compute: 'host-1',
        source_node: 'host-1',
        dest_compute: 'host-1',
        dest_host: null,
        dest_node: 'host-1',
        old_instance_type_id: expect.any(Number),
        new_instance_type_id: expect.any(Number),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
        updated_at: expect.any(String),
        user_id: 'member-user',
        project_id: 'project-a',
      },
    ]);
    await world.act(id, 'confirmResize');
    const another = await resize();
    await world.act(another, 'revertResize');
    const third = await resize();
    await world.send('DELETE', `/servers/${third}`);
    await world.sagas.idle();
    const all = (await list()).migrations as { instance_uuid: string; status: string }[];
    expect(all.map((one) => [one.instance_uuid, one.status])).toEqual([
      [third, 'confirmed'],
      [another, 'reverted'],
      [id, 'confirmed'],
    ]);
    const [newest, middle] = all as unknown as { uuid: string }[];
    const page = await list(`?limit=1&marker=${newest!.uuid}`);
    expect(page).toMatchObject({
      migrations: [{ uuid: middle!.uuid }],
      migrations_links: [{ rel: 'next', href: expect.stringContaining(`marker=${middle!.uuid}`) }],
    });
    expect((await list('?status=reverted')).migrations).toHaveLength(1);
    expect((await list('?changes-since=2099-01-01T00:00:00Z')).migrations).toEqual([]);
    expect((await list(`?marker=${id}`)).badRequest.message).toBe(`Marker ${id} could not be found.`);
  });

  test('a resize that fails is one that ended badly', async () => {
    const id = await world.makeServer();
    failing = 'resize';
    await world.act(id, 'resize', { flavorRef: '2' });
    failing = '';
    expect((await list(`?instance_uuid=${id}`)).migrations).toMatchObject([{ status: 'error' }]);
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE' });
  });

  test('older versions show less, and project managers no hosts', async () => {
    const [old] = (await list('?limit=1&marker=nothing', '2.22')).migrations;
    expect(Object.keys(old)).not.toContain('migration_type');
    expect(old.uuid).toBeUndefined();
    expect((await list('', '2.58')).migrations[0]).toMatchObject({ migration_type: 'resize' });
    const asked = (query: string, as: string) =>
      world.send('GET', `/os-migrations${query}`, undefined, { as });
    expect((await asked('', 'manager')).status).toBe(403);
    expect((await asked('?project_id=project-a', 'manager')).body.migrations[0]).toMatchObject({
      source_compute: null,
      dest_node: null,
    });
    expect((await asked('', 'member')).status).toBe(403);
  });

  test('no server ever migrates live', async () => {
    const id = await world.makeServer();
    const ask = (method: string, path: string, body?: unknown) =>
      world.send(method, `/servers/${id}/migrations${path}`, body, { as: 'admin' });
    expect(await ask('GET', '')).toMatchObject({ status: 200, body: { migrations: [] } });
    expect(await ask('GET', '/7')).toMatchObject({
      status: 404,
      body: {
        itemNotFound: { message: `In-progress live migration 7 is not found for server ${id}.` },
      },
    });
    expect(await ask('DELETE', '/7')).toMatchObject({ status: 409 });
    expect(await ask('POST', '/7/action', { force_complete: null })).toMatchObject({
      status: 409,
      body: {
        conflictingRequest: {
          message: `Cannot 'force_complete' instance ${id} while it is in task_state None`,
        },
      },
    });
  });
});
