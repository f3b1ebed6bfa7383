import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { randomDisk } from '#test/support/disk-images.ts';
import { ImageClient, startImage } from '#test/support/image.ts';
import { personas } from '#test/support/personas.ts';

describeEachEngine('Image for other services', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const contract = () => client.running.assembled.contract;
  const snapshot = (id = newUuid(), properties = {}) => ({
    id,
    name: 'a snapshot',
    projectId: 'project-a',
    userId: 'member-user',
    diskFormat: 'raw' as const,
    containerFormat: 'bare' as const,
    minDisk: 1,
    minRam: 64,
    properties,
  });

  test('images are there for those who see them', async () => {
    const { id } = await client.image(
      { hw_disk_bus: 'virtio', kernel_id: null, visibility: 'private' },
      'data',
    );
    expect(await contract().get(id, personas.reader)).toMatchObject({
      id,
      status: 'active',
      projectId: 'project-a',
      diskFormat: 'raw',
      size: 4,
      virtualSize: 4,
      hashAlgorithm: 'sha512',
      properties: { hw_disk_bus: 'virtio' },
    });
    await expect(contract().get(id, personas.stranger)).rejects.toMatchObject({ kind: 'notFound' });
    expect(await contract().get(id, personas.admin)).toMatchObject({ id });
  });

  test('data is read piece by piece', async () => {
    const { id } = await client.image({}, '0123456789');
    const read = async (offset: number, length: number) =>
      Buffer.from(await contract().read(id, offset, length)).toString();
    expect([await read(0, 4), await read(8, 4), await read(10, 4), await read(20, 4)]).toEqual([
      '0123',
      '89',
      '',
      '',
    ]);
    const { id: queued } = await client.image();
    await expect(contract().read(queued, 0, 1)).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('snapshots are written piece by piece, each as often as one likes', async () => {
    const data = randomDisk(2_500_000);
    const made = snapshot();
    await contract().createSnapshot(made);
    await contract().createSnapshot(made);
    expect(await contract().get(made.id, personas.member)).toMatchObject({ status: 'queued', minRam: 64 });
    const { 'image.write': write, 'image.finish': finish } = client.running.assembled.busHandlers;
    for (const offset of [0, 1_000_000, 1_000_000, 2_000_000, 0])
      await write!({ id: made.id, offset, data: data.subarray(offset, offset + 1_000_000) });
    expect((await client.get(`/images/${made.id}`)).body.status).toBe('saving');
    await Promise.all([finish!({ id: made.id }), finish!({ id: made.id })]);
    await finish!({ id: made.id });
    const shown = (await client.get(`/images/${made.id}`)).body;
    expect(shown).toMatchObject({ status: 'active', size: data.length, visibility: 'private' });
    const bytes = await contract().read(made.id, 0, data.length);
    expect(data.equals(bytes)).toBe(true);
    // an agent that died before it heard of the end
    await write!({ id: made.id, offset: 0, data: Buffer.from('another moment') });
    await finish!({ id: made.id });
    expect(data.equals(await contract().read(made.id, 0, data.length))).toBe(true);
  });

  test('only an image that waits for a snapshot takes one', async () => {
    const { id } = await client.image({}, 'uploaded');
    await expect(contract().write(id, 0, Buffer.from('x'))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(contract().write(newUuid(), 0, Buffer.from('x'))).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  test('what an earlier attempt wrote beyond the end of a snapshot is not part of it', async () => {
    const made = snapshot();
    await contract().createSnapshot(made);
    await contract().write(made.id, 0, Buffer.from('a longer one'));
    await contract().write(made.id, 0, Buffer.from('short'));
    await contract().finish(made.id, 5);
    expect(await contract().get(made.id, personas.member)).toMatchObject({ status: 'active', size: 5 });
    expect(Buffer.from(await contract().read(made.id, 0, 100)).toString()).toBe('short');
  });

  test('snapshots are inspected like any other data', async () => {
    const made = { ...snapshot(), diskFormat: 'qcow2' as const };
    await contract().createSnapshot(made);
    await contract().write(made.id, 0, Buffer.from('no disk at all'));
    await expect(contract().finish(made.id)).rejects.toMatchObject({ kind: 'unsupportedMediaType' });
    await contract().discard(made.id);
    await contract().discard(made.id);
    await expect(contract().write(made.id, 0, Buffer.from('x'))).rejects.toMatchObject({ kind: 'notFound' });
    await expect(contract().finish(made.id)).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('a snapshot goes on after a restart', async () => {
    const database = await databases.open();
    const before = await startImage(database);
    const made = snapshot();
    await before.assembled.contract.createSnapshot(made);
    await before.assembled.contract.write(made.id, 0, Buffer.from('first '));
    await before.stop();
    before.clock.advance(600_000);
    const after = await startImage(database, before);
    for (const loop of after.assembled.loops) await loop.run();
    await after.assembled.contract.write(made.id, 6, Buffer.from('second'));
    await after.assembled.contract.finish(made.id);
    expect(Buffer.from(await after.assembled.contract.read(made.id, 0, 100)).toString()).toBe('first second');
    await after.stop();
  });

  test('images are found by their properties, and removed by their owner', async () => {
    const backup = snapshot(newUuid(), { image_type: 'backup', instance_uuid: 'one' });
    await contract().createSnapshot(backup);
    await contract().createSnapshot(snapshot(newUuid(), { image_type: 'backup', instance_uuid: 'two' }));
    const find = async (properties: Record<string, string>, caller = personas.member) =>
      (await contract().list(caller, { properties })).map(({ id }) => id);
    expect(await find({ image_type: 'backup', instance_uuid: 'one' })).toEqual([backup.id]);
    expect(await find({ image_type: 'backup' })).toHaveLength(2);
    expect(await find({ image_type: 'backup' }, personas.stranger)).toEqual([]);
    await expect(contract().remove(backup.id, personas.stranger)).rejects.toMatchObject({ kind: 'notFound' });
    await contract().remove(backup.id, personas.member);
    expect(await find({ instance_uuid: 'one' })).toEqual([]);
    const { id } = await client.image({ protected: true, visibility: 'community' });
    await expect(contract().remove(id, personas.member)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(contract().remove(id, personas.stranger)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
