import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('images made of servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterAll(() => world.close());

  test('they inherit what Nova lets them inherit, and tell where they come from', async () => {
    const imageRef = world.images.put({
      id: crypto.randomUUID(),
      properties: {
        os_distro: 'tiny',
        img_signature: 'x',
        os_glance_importing_to_stores: 'here',
        cinder_encryption_key_deletion_policy: 'on_image_deletion',
      },
    }).id;
    const id = await world.makeServer({ imageRef });
    // an administrator's roles are not the ones the server was booted with
    const answer = await world.act(id, 'createImage', { name: 'i', metadata: { k: 'v' } }, 'admin');
    expect(world.images.images.get(answer.body.image_id)!.properties).toEqual({
      os_distro: 'tiny',
      base_image_ref: imageRef,
      boot_roles: expect.stringContaining('member'),
      image_location: 'snapshot',
      image_state: 'available',
      image_type: 'snapshot',
      instance_uuid: id,
      k: 'v',
      owner_id: 'project-a',
      owner_project_name: expect.any(String),
      owner_user_name: expect.any(String),
      user_id: 'admin-user',
    });
  });

  test.each([
    ['createImage', { name: 'i' }],
    ['createBackup', { name: 'i', backup_type: 'daily', rotation: 1 }],
  ])('%s shows that the disk is copied, and then that the copy is uploaded', async (action, body) => {
    const id = await world.makeServer();
    const task = async () => (await world.show(id))['OS-EXT-STS:task_state'];
    const seen: unknown[] = [];
    interfere = async (operation) => {
      if (operation === 'snapshot') seen.push(await task());
    };
    const write = vi.spyOn(world.images, 'write').mockImplementationOnce(async () => {
      await expect.poll(task).toBe('image_uploading');
      seen.push('uploading');
    });
    await world.act(id, action, body);
    write.mockRestore();
    interfere = undefined;
    expect(seen).toEqual(['image_pending_upload', 'uploading']);
    expect(await task()).toBe(null);
  });

  test('one that cannot be made is not left behind, and the server is what it was', async () => {
    const id = await world.makeServer();
    interfere = (operation) => {
      if (operation === 'snapshot') throw new Error('the disk is full');
    };
    const answer = await world.act(id, 'createImage', { name: 'i' });
    interfere = undefined;
    expect(world.images.images.has(answer.body.image_id)).toBe(false);
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    const { instanceActions } = (await world.send('GET', `/servers/${id}/os-instance-actions`)).body;
    expect(instanceActions[0]).toMatchObject({ action: 'createImage', message: 'Error' });
  });

  test('backups rotate past those that are protected and those of others', async () => {
    const id = await world.makeServer();
    const backUp = async (rotation: number): Promise<string> => {
      const args = { name: 'b', backup_type: 'daily', rotation };
      return (await world.act(id, 'createBackup', args)).body.image_id;
    };
    const kept = await backUp(2);
    const { properties } = world.images.images.get(kept)!;
    world.images.put({ id: kept, protected: true, projectId: 'project-a', properties });
    const later = Date.now() + 60_000;
    const { id: foreign } = world.images.put({
      id: crypto.randomUUID(),
      projectId: 'project-b',
      visibility: 'public',
      createdAt: later,
      properties,
    });
    const next = await backUp(1);
    expect([kept, foreign, next].map((image) => world.images.images.has(image))).toEqual([true, true, true]);
    const { instanceActions } = (await world.send('GET', `/servers/${id}/os-instance-actions`)).body;
    expect(instanceActions[0]).toMatchObject({ action: 'createBackup', message: null });
  });

  test('a locked server can be copied all the same', async () => {
    const id = await world.makeServer();
    await world.act(id, 'lock');
    expect((await world.act(id, 'createImage', { name: 'i' })).status).toBe(202);
    const backup = { name: 'b', backup_type: 'daily', rotation: 1 };
    expect((await world.act(id, 'createBackup', backup)).status).toBe(202);
  });
});
