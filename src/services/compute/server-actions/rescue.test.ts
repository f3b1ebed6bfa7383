import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('rescue', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { quota_instances: -1, quota_cores: -1, quota_ram: -1 },
    });
  });
  afterAll(() => world.close());

  const specOf = (id: string) => world.hypervisors[0]!.guests.get(id)!.spec;
  const rescueWith = (id: string, properties: Record<string, string>) => {
    const image = world.images.put({ id: crypto.randomUUID(), properties });
    return world.act(id, 'rescue', { rescue_image_ref: image.id });
  };

  test.each([
    [
      { hw_rescue_device: 'disk', hw_rescue_bus: 'virtio' },
      { type: 'disk', bus: 'virtio' },
    ],
    [{ hw_rescue_bus: 'usb' }, { type: 'disk', bus: 'usb' }],
    [{ hw_rescue_device: 'cdrom' }, { type: 'cdrom', bus: 'ide' }],
    [
      { hw_rescue_device: 'cdrom', hw_cdrom_bus: 'sata' },
      { type: 'cdrom', bus: 'sata' },
    ],
    [
      { hw_rescue_device: 'disk', hw_disk_bus: 'scsi' },
      { type: 'disk', bus: 'scsi' },
    ],
    [{ hw_disk_bus: 'scsi' }, undefined],
  ])('an image with %o is attached as %o', async (properties: object, device) => {
    const id = await world.makeServer();
    expect((await rescueWith(id, { ...properties })).status).toBe(200);
    expect(await world.show(id)).toMatchObject({
      status: 'RESCUE',
      'OS-EXT-STS:vm_state': 'rescued',
      'OS-EXT-STS:power_state': 1,
    });
    expect(specOf(id).rescueDevice).toEqual(device);
    await world.act(id, 'unrescue');
    expect(specOf(id)).not.toHaveProperty('rescueDevice');
  });

  test.each([
    [{ hw_rescue_device: 'floppy' }, "Requested rescue device 'floppy' is not supported"],
    [{ hw_rescue_bus: 'xen' }, "Requested rescue bus 'xen' is not supported by the 'qemu' virt driver"],
  ])('an image with %o is refused', async (properties: object, message) => {
    const id = await world.makeServer();
    const answer = await rescueWith(id, { ...properties });
    expect([answer.status, answer.body.badRequest?.message]).toEqual([400, message]);
    expect((await world.show(id)).status).toBe('ACTIVE');
  });

  test('an image that is only part of what boots is refused', async () => {
    const id = await world.makeServer();
    const answer = await rescueWith(id, { img_block_device_mapping: '[]' });
    expect(answer.body.badRequest.message).toMatch(/^Requested rescue image '.*' is not supported$/);
  });

  test('the config drive tells the password the caller is told', async () => {
    const id = await world.makeServer({ config_drive: true });
    const password = () => {
      const drive = specOf(id).configDrive!;
      const file = drive.find(({ path }) => path === 'openstack/latest/meta_data.json')!;
      return (JSON.parse(file.content) as { admin_pass?: string }).admin_pass;
    };
    await world.act(id, 'rescue', { adminPass: 'secret' });
    expect(password()).toBe('secret');
    await world.act(id, 'unrescue');
    expect(password()).toBeUndefined();
  });

  test.each(['rescue', 'rebuild'])(
    'the password of a %s that cannot begin is kept nowhere',
    async (action) => {
      const id = await world.makeServer({ config_drive: true });
      const { servers, adminPasswords } = world.compute;
      const get = world.images.get.bind(world.images);
      // another is faster, with a password of its own
      const faster = vi.spyOn(world.images, 'get').mockImplementationOnce(async (...wanted) => {
        await servers.update(id, { taskState: 'rebuilding', operation: 'another' });
        adminPasswords.set(id, 'of the other');
        return get(...wanted);
      });
      const args = { adminPass: 'secret', ...(action === 'rebuild' && { imageRef: world.imageId }) };
      expect((await world.act(id, action, args)).status).toBe(409);
      expect(faster).toHaveBeenCalled();
      expect(adminPasswords.get(id)).toBe('of the other');
      faster.mockRestore();
      adminPasswords.delete(id);
    },
  );

  test('while rescued it can be deleted, and little else', async () => {
    const id = await world.makeServer();
    await world.act(id, 'rescue');
    for (const [action, args] of [
      ['os-stop', null],
      ['reboot', { type: 'HARD' }],
      ['resize', { flavorRef: '2' }],
      ['shelve', null],
      ['createImage', { name: 'i' }],
      ['rescue', null],
    ] as const) {
      const answer = await world.act(id, action, args);
      const word = action.replace('os-', '');
      expect([answer.status, answer.body.conflictingRequest?.message]).toEqual([
        409,
        `Cannot '${word}' instance ${id} while it is in vm_state rescued`,
      ]);
    }
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    await world.sagas.idle();
    expect(world.hypervisors[0]!.guests.has(id)).toBe(false);
  });
});
