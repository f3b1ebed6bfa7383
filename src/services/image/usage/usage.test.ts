import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('quotas', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open(), {
      options: { image_count_total: 3, image_size_total: 2, image_stage_total: 1, image_count_uploading: 1 },
    });
  });
  afterAll(() => client.close());

  const MiB = 1 << 20;

  test('limit what a project has', async () => {
    const first = await client.image({}, Buffer.alloc(2 * MiB));
    const second = await client.image();
    const third = await client.image();
    const tooMany = await client.post('/images', {});
    expect([tooMany.status, tooMany.body]).toEqual([
      413,
      expect.stringContaining(
        'Resource image_count_total is over limit of 3 due to current usage 3 and delta 1',
      ),
    ]);
    expect((await client.upload(second.id, Buffer.alloc(MiB))).status).toBe(413);
    expect((await client.stage(second.id, Buffer.alloc(2 * MiB))).status).toBe(413);
    expect((await client.stage(second.id, Buffer.alloc(MiB))).status).toBe(204);
    expect((await client.get('/info/usage')).body.usage).toEqual({
      image_size_total: { usage: 2, limit: 2 },
      image_stage_total: { usage: 1, limit: 1 },
      image_count_total: { usage: 3, limit: 3 },
      image_count_uploading: { usage: 1, limit: 1 },
    });
    const uploading = await client.upload(third.id, 'data');
    expect([uploading.status, uploading.body]).toEqual([
      413,
      expect.stringContaining('Resource image_count_uploading is over limit of 1'),
    ]);
    expect((await client.get(`/images/${third.id}`)).body.status).toBe('queued');
    // others have limits of their own
    await client.image({}, 'data', 'stranger');
    await client.delete(`/images/${first.id}`);
    await client.delete(`/images/${second.id}`);
    expect((await client.upload(third.id, Buffer.alloc(MiB))).status).toBe(204);
  });
});
