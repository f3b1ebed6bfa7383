import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('server actions', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { quota_instances: -1, quota_cores: -1, quota_ram: -1 },
    });
  });
  afterAll(() => world.close());

  const status = async (id: string) => (await world.show(id)).status;
  const guest = (id: string) => world.hypervisors[0]!.guests.get(id);
  /** Does an action that must be accepted; answers the status afterwards. */
  const does = async (id: string, action: string, args: unknown = null, as?: string) => {
    const answer = await world.act(id, action, args, as);
    expect([action, answer.status, answer.body?.badRequest ?? answer.body?.conflictingRequest]).toEqual([
      action,
      expect.toBeOneOf([200, 202, 204]),
      undefined,
    ]);
    return status(id);
  };

  test.each([['shelve'], ['rescue'], ['resize', { flavorRef: '2' }]] as [string, object?][])(
    'a server whose guest is lost is in error after %s, not stuck in it',
    async (action, argument) => {
      const id = await world.makeServer();
      const seen = world.hypervisors[0]!.guests.get(id)!;
      world.hypervisors[0]!.guests.delete(id);
      await world.act(id, action, argument);
      expect(await world.show(id)).toMatchObject({
        status: 'ERROR',
        'OS-EXT-STS:task_state': null,
        fault: { message: `Instance ${id} could not be found.` },
      });
      world.hypervisors[0]!.guests.set(id, seen);
    },
  );

  test('a crash dump is triggered by an interrupt, and recorded', async () => {
    const id = await world.makeServer();
    const trigger = (version?: string) =>
      world.send('POST', `/servers/${id}/action`, { trigger_crash_dump: null }, version ? { version } : {});
    expect((await trigger('2.16')).status).toBe(404);
    expect((await trigger('2.17')).status).toBe(202);
    await world.sagas.idle();
    expect(guest(id)?.console).toContain('NMI received');
    const { body } = await world.send('GET', `/servers/${id}/os-instance-actions`);
    expect(body.instanceActions[0]).toMatchObject({ action: 'trigger_crash_dump', message: null });
    await world.act(id, 'os-stop');
    expect((await trigger()).body.conflictingRequest.message).toBe(
      `Cannot 'trigger_crash_dump' instance ${id} while it is in vm_state stopped`,
    );
  });

  test.each([
    ['os-stop', 'os-start', 'SHUTOFF', 'shutdown'],
    ['pause', 'unpause', 'PAUSED', 'paused'],
    ['suspend', 'resume', 'SUSPENDED', 'suspended'],
  ])('%s and %s', async (there, back, between, power) => {
    const id = await world.makeServer();
    expect(await does(id, there)).toBe(between);
    expect(guest(id)?.power).toBe(power);
    const again = await world.act(id, there);
    const word = there.replace('os-', '');
    expect(again.body.conflictingRequest.message).toMatch(
      new RegExp(`^Cannot '${word}' instance ${id} while it is in vm_state `),
    );
    expect(await does(id, back)).toBe('ACTIVE');
    expect(guest(id)?.power).toBe('running');
  });

  test('reboots, soft and hard', async () => {
    const id = await world.makeServer();
    expect(await does(id, 'reboot', { type: 'SOFT' })).toBe('ACTIVE');
    await does(id, 'os-stop');
    expect((await world.act(id, 'reboot', { type: 'SOFT' })).status).toBe(409);
    expect(await does(id, 'reboot', { type: 'HARD' })).toBe('ACTIVE');
    expect(guest(id)?.power).toBe('running');
  });

  test('resize, confirm and revert', async () => {
    const id = await world.makeServer();
    const claimed = async () => Object.values(await world.compute.parts.placement.allocations(id))[0];
    expect(await does(id, 'resize', { flavorRef: '2' })).toBe('VERIFY_RESIZE');
    expect((await world.show(id)).flavor.vcpus).toBe(2);
    expect(guest(id)?.spec.memoryMb).toBe(1024);
    expect(await claimed()).toEqual({ VCPU: 2, MEMORY_MB: 1024, DISK_GB: 2 });
    expect(await does(id, 'revertResize')).toBe('ACTIVE');
    expect(await claimed()).toEqual({ VCPU: 1, MEMORY_MB: 512, DISK_GB: 1 });
    expect(guest(id)).toMatchObject({ spec: { memoryMb: 512 }, kept: null });
    expect((await world.show(id)).flavor.vcpus).toBe(1);
    await does(id, 'resize', { flavorRef: '2' });
    expect(await does(id, 'confirmResize')).toBe('ACTIVE');
    expect(await claimed()).toEqual({ VCPU: 2, MEMORY_MB: 1024, DISK_GB: 2 });
    // nothing is left of what the resize held
    const servers = await world.compute.servers.ids({ deleted: 'no' });
    expect((await world.compute.parts.placement.consumers()).toSorted()).toEqual(servers.toSorted());
    expect((await world.act(id, 'resize', { flavorRef: '2' })).body.badRequest.message).toBe(
      'When resizing, instances must change flavor!',
    );
  });

  test('a stopped server stays stopped through a resize', async () => {
    const id = await world.makeServer();
    await does(id, 'os-stop');
    await does(id, 'resize', { flavorRef: '2' });
    expect(await does(id, 'confirmResize')).toBe('SHUTOFF');
  });

  test('rebuild', async () => {
    const id = await world.makeServer();
    const other = crypto.randomUUID();
    world.images.put({ id: other });
    const answer = await world.act(id, 'rebuild', { imageRef: other, name: 'renamed', metadata: { x: 'y' } });
    expect(answer.status).toBe(202);
    expect(answer.body.server).toMatchObject({
      status: 'REBUILD',
      name: 'renamed',
      adminPass: expect.any(String),
    });
    expect(answer.headers.get('location')).toContain(`/servers/${id}`);
    expect(await world.show(id)).toMatchObject({
      status: 'ACTIVE',
      image: { id: other },
      metadata: { x: 'y' },
    });
    await does(id, 'os-stop');
    expect(await does(id, 'rebuild', { imageRef: other })).toBe('SHUTOFF');
    const arm = world.images.put({ id: crypto.randomUUID(), properties: { hw_architecture: 'aarch64' } });
    expect(await does(id, 'rebuild', { imageRef: arm.id })).toBe('ERROR');
    // it keeps the image it had
    expect(await world.show(id)).toMatchObject({
      fault: { message: 'No valid host was found. ' },
      image: { id: other },
    });
    expect(await does(id, 'rebuild', { imageRef: other })).toBe('ACTIVE');
  });

  test('rescue', async () => {
    const id = await world.makeServer();
    const answer = await world.act(id, 'rescue', { adminPass: 'secret' });
    expect([answer.status, answer.body]).toEqual([200, { adminPass: 'secret' }]);
    expect(await status(id)).toBe('RESCUE');
    expect(guest(id)?.spec.rescue?.id).toBe(world.imageId);
    expect(await does(id, 'unrescue')).toBe('ACTIVE');
    expect(guest(id)?.spec.rescue).toBeUndefined();
  });

  test('shelve and unshelve', async () => {
    const id = await world.makeServer();
    expect(await does(id, 'shelve')).toBe('SHELVED_OFFLOADED');
    expect(guest(id)).toBeUndefined();
    expect(await world.compute.parts.placement.allocations(id)).toEqual({});
    const image = [...world.images.images.values()].find((i) => i.name === 'vm-shelved');
    expect(image).toMatchObject({
      status: 'active',
      properties: { instance_uuid: id, image_type: 'snapshot' },
    });
    expect(await world.show(id)).toMatchObject({ 'OS-EXT-SRV-ATTR:host': null, hostId: '' });
    expect(await does(id, 'unshelve')).toBe('ACTIVE');
    expect(guest(id)?.spec.image.id).toBe(image!.id);
    expect(world.images.images.has(image!.id)).toBe(false);
    expect(await world.show(id)).toMatchObject({ image: { id: world.imageId } });
  });

  test('snapshots and backups', async () => {
    const id = await world.makeServer();
    const made = await world.act(id, 'createImage', { name: 'snap', metadata: { k: 'v' } });
    expect(world.images.images.get(made.body.image_id)).toMatchObject({
      name: 'snap',
      status: 'active',
      properties: { k: 'v', instance_uuid: id, image_type: 'snapshot' },
    });
    expect(world.images.data.get(made.body.image_id)?.subarray(0, 3).toString()).toBe('QFI');
    const backups: string[] = [];
    for (const name of ['b1', 'b2', 'b3']) {
      const answer = await world.act(id, 'createBackup', { name, backup_type: 'daily', rotation: 2 });
      backups.push(answer.body.image_id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(backups.map((b) => world.images.images.has(b))).toEqual([false, true, true]);
    expect(await status(id)).toBe('ACTIVE');
  });

  test('a locked server is changed by administrators only', async () => {
    const id = await world.makeServer();
    await does(id, 'lock', { locked_reason: 'mine' });
    expect(await world.show(id)).toMatchObject({ locked: true, locked_reason: 'mine' });
    const refused = await world.act(id, 'os-stop');
    expect(refused.body.conflictingRequest.message).toBe(`Instance ${id} is locked`);
    expect(await does(id, 'os-stop', null, 'admin')).toBe('SHUTOFF');
    // a lock of an administrator's replaces it, and its reason only by another
    await does(id, 'lock', null, 'admin');
    expect((await world.show(id)).locked_reason).toBe('mine');
    await does(id, 'unlock', null, 'admin');
    await does(id, 'lock', null, 'admin');
    expect((await world.show(id)).locked_reason).toBeNull();
    expect((await world.act(id, 'unlock')).status).toBe(403);
    await does(id, 'unlock', null, 'admin');
    expect((await world.show(id)).locked).toBe(false);
  });

  test('the console output is cut as asked', async () => {
    const id = await world.makeServer();
    const whole = await world.act(id, 'os-getConsoleOutput', {});
    expect(whole.body.output).toContain('TINY-READY');
    const some = await world.act(id, 'os-getConsoleOutput', { length: 3 });
    expect(some.body.output.split('\n')).toHaveLength(3);
  });

  test('states are set and servers deleted by force', async () => {
    const id = await world.makeServer();
    expect(await does(id, 'os-resetState', { state: 'error' }, 'admin')).toBe('ERROR');
    expect((await world.act(id, 'os-resetState', { state: 'active' })).status).toBe(403);
    expect((await world.act(id, 'forceDelete')).status).toBe(202);
    expect((await world.send('GET', `/servers/${id}`)).status).toBe(404);
    expect(guest(id)).toBeUndefined();
  });

  test('what Nova has and this cloud has not is refused in its words', async () => {
    const id = await world.makeServer();
    expect((await world.act(id, 'restore')).body.conflictingRequest.message).toBe(
      `Cannot 'restore' instance ${id} while it is in vm_state active`,
    );
    expect((await world.act(crypto.randomUUID(), 'restore')).status).toBe(404);
    expect(await world.act(id, 'changePassword', { adminPass: 'secret' })).toMatchObject({
      status: 501,
      body: { notImplemented: { message: 'Unable to set password on instance' } },
    });
    expect((await world.act(id, 'resetNetwork')).status).toBe(410);
    expect((await world.act(id, 'migrate', null, 'admin')).status).toBe(400);
  });

  test('answers to changes tell less before 2.75', async () => {
    const id = await world.makeServer();
    const put = async (version: string) =>
      (
        await world.send(
          'PUT',
          `/servers/${id}`,
          { server: { accessIPv6: '0:0:0:0:0:babe:220.12.22.2' } },
          { version },
        )
      ).body.server;
    const old = await put('2.74');
    expect(Object.values(old.addresses)).toEqual([[{ version: 4, addr: expect.any(String) }]]);
    expect(old).not.toHaveProperty('OS-EXT-STS:vm_state');
    const now = await put('2.75');
    expect(Object.values(now.addresses)).toEqual([[expect.objectContaining({ 'OS-EXT-IPS:type': 'fixed' })]]);
    expect(now).toMatchObject({ 'OS-EXT-STS:vm_state': 'active', accessIPv6: '::babe:dc0c:1602' });
  });
});
