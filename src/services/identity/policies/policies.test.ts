import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('policies', (databases) => {
  let cloud: ServedIdentity;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
  });
  afterAll(() => cloud.close());

  test('a document is kept, shown, changed, listed and deleted', async () => {
    const { client } = cloud;
    const made = await client.post('/policies', {
      policy: { type: 'application/json', blob: '{}', colour: 'red' },
    });
    expect(made.status).toBe(201);
    const { policy } = made.body;
    expect(policy).toEqual({
      id: expect.any(String),
      type: 'application/json',
      blob: '{}',
      colour: 'red',
      links: { self: `${client.origin}/v3/policies/${policy.id}` },
    });
    const path = `/policies/${policy.id}`;
    expect((await client.get(path)).body).toEqual({ policy });
    const changed = await client.patch(path, { policy: { type: 'text/plain' } });
    expect(changed.body.policy).toEqual({ ...policy, type: 'text/plain' });
    expect((await client.get('/policies?type=text/plain')).body.policies).toEqual([changed.body.policy]);
    expect((await client.get('/policies?type__startswith=app')).body.policies).toEqual([]);
    expect((await client.post('/policies', { policy: { type: 'x' } })).status).toBe(400);
    expect((await client.patch(path, { policy: {} })).status).toBe(400);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });
});
