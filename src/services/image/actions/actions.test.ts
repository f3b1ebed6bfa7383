import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('deactivation', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const act = (id: string, action: string, as?: string) =>
    client.post(`/images/${id}/actions/${action}`, undefined, as);
  const statusOf = async (id: string) => (await client.get(`/images/${id}`)).body.status;

  test('and back, each as often as one likes', async () => {
    const { id } = await client.image({}, 'data');
    for (const [action, status] of [
      ['deactivate', 'deactivated'],
      ['deactivate', 'deactivated'],
      ['reactivate', 'active'],
      ['reactivate', 'active'],
    ] as const) {
      expect((await act(id, action)).status).toBe(204);
      expect(await statusOf(id)).toBe(status);
    }
  });

  test('not of an image without data, nor by others', async () => {
    const { id } = await client.image({ visibility: 'community' });
    const answer = await act(id, 'deactivate');
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('Not allowed to deactivate image in status &#x27;queued&#x27;'),
    ]);
    expect((await act(id, 'reactivate')).status).toBe(403);
    expect((await act(id, 'deactivate', 'stranger')).status).toBe(403);
    expect((await act('nothing', 'deactivate')).status).toBe(404);
  });
});
