import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('tasks', (databases) => {
  let client: ImageClient;
  const ids: string[] = [];
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
    for (const data of ['a', 'b', 'c']) {
      const { id } = await client.image();
      await client.stage(id, data);
      client.running.clock.advance(1000);
      await client.post(`/images/${id}/import`, { method: { name: 'glance-direct' } });
      await client.running.sagas.idle();
      ids.push((await client.get(`/images/${id}/tasks`)).body.tasks[0].id);
    }
  });
  afterAll(() => client.close());

  const list = async (query: string) => {
    const { body } = await client.get(`/tasks?${query}`, 'admin');
    return body.tasks.map((task: { id: string }) => ids.indexOf(task.id));
  };

  test('are shown to administrators', async () => {
    expect((await client.get(`/tasks/${ids[0]}`)).status).toBe(403);
    expect((await client.get('/tasks')).status).toBe(403);
    const { body } = await client.get(`/tasks/${ids[0]}`, 'admin');
    expect(body).toEqual({
      id: ids[0],
      type: 'api_image_import',
      status: 'success',
      owner: 'project-a',
      user_id: 'member-user',
      request_id: expect.stringMatching(/^req-/),
      image_id: body.result.image_id,
      input: {
        image_id: body.image_id,
        import_req: { method: { name: 'glance-direct' } },
        backend: ['file'],
      },
      result: { image_id: body.image_id },
      message: '',
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
      self: `/v2/tasks/${ids[0]}`,
      schema: '/v2/schemas/task',
    });
    expect((await client.get('/tasks/nothing', 'admin')).body).toContain('Could not find task nothing');
  });

  test.each([
    ['', [2, 1, 0]],
    ['sort_dir=asc', [0, 1, 2]],
    ['sort_key=status&sort_dir=asc', [0, 1, 2]],
    ['status=success', [2, 1, 0]],
    ['status=failure', []],
    ['type=import', []],
    ['limit=2', [2, 1]],
  ])('are listed: %s', async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  test('are listed in pages, without what they were given', async () => {
    const { body } = await client.get('/tasks?limit=2', 'admin');
    expect(body).toMatchObject({
      first: '/v2/tasks?limit=2',
      next: `/v2/tasks?limit=2&marker=${ids[1]}`,
      schema: '/v2/schemas/tasks',
    });
    expect(body.tasks[0]).not.toHaveProperty('input');
    expect(await list(`limit=2&marker=${ids[1]}`)).toEqual([0]);
  });

  test.each([
    ['sort_dir=up', 'Invalid sort direction: up'],
    ['sort_key=input', 'Sort key supplied was not valid.'],
    ['status=done', 'Invalid status value: done'],
    ['type=export', 'Invalid type value: export'],
    ['marker=x', 'Invalid marker format'],
    ['limit=x', 'limit param must be an integer'],
  ])('refuse %s', async (query, words) => {
    const answer = await client.get(`/tasks?${query}`, 'admin');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(words)]);
  });

  test.each([
    [undefined, 'Body expected in request.'],
    [{ input: {} }, 'Task &#x27;type&#x27; is required'],
    [{ type: 'import' }, 'Task &#x27;input&#x27; is required'],
    [{ type: 'export', input: {} }, 'is not one of'],
    [{ type: 'import', input: {}, more: 1 }, 'Additional properties are not allowed'],
    [{ type: 'api_image_import', input: {} }, 'Provided type of task is unsupported'],
    [{ type: 'import', input: {} }, 'Input does not contain &#x27;import_from&#x27; field'],
    [
      { type: 'import', input: { import_from: 'http://10.0.0.1/', image_properties: {} } },
      'URI for legacy import task does not pass filtering: http://10.0.0.1/',
    ],
  ])('are not made of %j', async (body, words) => {
    const answer = await client.post('/tasks', body, 'admin');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(words)]);
  });

  test('cannot be deleted, but are forgotten', async () => {
    const answer = await client.delete(`/tasks/${ids[0]}`, 'admin');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    expect(answer.body).toContain('This operation is currently not permitted on Glance Tasks.');
    client.running.clock.advance(49 * 3_600_000);
    expect(await list('')).toEqual([]);
    await client.running.assembled.loops.find(({ name }) => name === 'image.tasks')!.run();
    expect((await client.get(`/tasks/${ids[0]}`, 'admin')).status).toBe(404);
  });
});
