import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Database } from '#kit/db/database.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

import type { ConsumerTables } from './store.ts';

describeEachEngine('OAuth consumers', (databases) => {
  let database: Database;
  let cloud: ServedIdentity;
  beforeAll(async () => {
    database = await databases.open();
    cloud = await serveIdentity(database);
  });
  afterAll(() => cloud.close());

  const path = '/OS-OAUTH1/consumers';
  const make = async (fields: object = {}) => {
    const made = await cloud.client.post(path, { consumer: fields });
    expect(made.status).toBe(201);
    return made.body.consumer;
  };

  test('one is made, shown without its secret, changed, listed and deleted', async () => {
    const { client } = cloud;
    const { secret, ...made } = await make({ description: 'an app', colour: 'red', secret: 'mine' });
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
    const self = `${client.origin}/v3${path}/${made.id}`;
    expect(made).toEqual({ id: made.id, description: 'an app', colour: 'red', links: { self } });
    expect((await client.get(`${path}/${made.id}`)).body).toEqual({ consumer: made });
    const changed = { ...made, description: null, size: 3 };
    const patch = { consumer: { description: null, size: 3 } };
    expect((await client.patch(`${path}/${made.id}`, patch)).body).toEqual({ consumer: changed });
    expect((await client.get(path)).body).toMatchObject({ consumers: [changed] });
    expect((await client.delete(`${path}/${made.id}`)).status).toBe(204);
    for (const send of [client.get, client.delete])
      expect(await send(`${path}/${made.id}`)).toMatchObject({
        status: 404,
        body: { error: { message: 'Consumer not found' } },
      });
    expect((await client.get(path)).body.consumers).toEqual([]);
  });

  test('a body need not say anything', async () => {
    const { body, status } = await cloud.client.post(path, {});
    expect(status).toBe(201);
    expect(body.consumer).toMatchObject({ description: null });
  });

  test('neither id nor secret can be changed', async () => {
    const { id } = await make();
    for (const consumer of [{ secret: 'x' }, { id: 'x' }, {}, { description: 1 }])
      expect((await cloud.client.patch(`${path}/${id}`, { consumer })).status).toBe(400);
    expect((await cloud.client.post(path, { consumer: { description: 1 } })).status).toBe(400);
  });

  test('the secret is stored encrypted only', async () => {
    const { id, secret } = await make();
    const row = await database
      .tables<ConsumerTables>()
      .selectFrom('identity_oauth_consumers')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(secret);
    expect((await cloud.identity.oauthConsumers.find(id))?.secret).toBe(secret);
  });
});
