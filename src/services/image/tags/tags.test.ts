import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('tags', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const add = (id: string, tag: string, as?: string) =>
    client.send('PUT', `/images/${id}/tags/${encodeURIComponent(tag)}`, { ...(as && { as }) });
  const tagsOf = async (id: string) => (await client.get(`/images/${id}`)).body.tags;

  test('come and go', async () => {
    const { id } = await client.image({ tags: ['old'] });
    expect((await add(id, 'new one/with more')).status).toBe(204);
    expect((await add(id, 'old')).status).toBe(204);
    expect(await tagsOf(id)).toEqual(['old', 'new one/with more']);
    expect(await client.names(`tag=${encodeURIComponent('new one/with more')}`)).toEqual(['an image']);
    expect((await client.delete(`/images/${id}/tags/old`)).status).toBe(204);
    expect((await client.delete(`/images/${id}/tags/old`)).status).toBe(404);
    expect(await tagsOf(id)).toEqual(['new one/with more']);
  });

  test('are the owner’s, short, and not too many', async () => {
    const { id } = await client.image({ visibility: 'community' });
    expect((await add(id, 'x', 'stranger')).status).toBe(403);
    expect((await add('nothing', 'x')).body).toContain('Image nothing not found.');
    const long = await add(id, 'x'.repeat(256));
    expect([long.status, long.body]).toEqual([400, expect.stringContaining('is too long')]);
    for (let i = 0; i < 128; i++) await add(id, `t${i}`);
    const answer = await add(id, 'one-more');
    expect([answer.status, answer.body]).toEqual([
      413,
      expect.stringContaining(`Image tag limit exceeded for image ${id}: The limit has been exceeded`),
    ]);
  });
});
