import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Database } from '#kit/db/database.ts';
import { type SagaWorld, sagaCases } from '#kit/saga/harness.ts';
import { describeEachEngine, sqliteDatabases } from '#test/support/databases.ts';
import { qcow2 } from '#test/support/disk-images.ts';
import { ImageClient, type ImageForTest, startImage } from '#test/support/image.ts';
import { personas } from '#test/support/personas.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { importSaga } from './import.saga.ts';
import { startImport } from './start.ts';
import { download } from './web-download.ts';

const direct = { method: { name: 'glance-direct' } };
const fetching = (uri: unknown) => ({ method: { name: 'web-download', uri } });

describeEachEngine('imports of staged data', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const filesLeft = async () => {
    const { files } = client.running.service;
    return [...(await files.list('incoming')), ...(await files.list('staging'))];
  };

  test('make the image active', async () => {
    const { id } = await client.image({ disk_format: 'qcow2' });
    await client.stage(id, qcow2({ size: 7n << 30n }));
    const answer = await client.post(`/images/${id}/import`, direct);
    expect([answer.status, answer.body]).toEqual([202, '']);
    await client.running.sagas.idle();
    const { body } = await client.get(`/images/${id}`);
    expect(body).toMatchObject({
      status: 'active',
      size: 512,
      virtual_size: 7 * 2 ** 30,
      checksum: expect.stringMatching(/^[0-9a-f]{32}$/),
      stores: 'file',
      os_glance_importing_to_stores: '',
      os_glance_failed_import: '',
    });
    expect(body).not.toHaveProperty('os_glance_import_task');
    const [task] = (await client.get(`/images/${id}/tasks`)).body.tasks;
    expect(task).toMatchObject({
      type: 'api_image_import',
      status: 'success',
      owner: 'project-a',
      user_id: 'member-user',
      image_id: id,
      request_id: expect.stringMatching(/^req-/),
      input: { image_id: id, import_req: direct, backend: ['file'] },
      result: { image_id: id },
      message: '',
    });
    expect(await filesLeft()).toEqual([]);
    expect((await client.post(`/images/${id}/import`, direct)).status).toBe(409);
  });

  test('that fail leave the image queued, and say why', async () => {
    const { id } = await client.image({ disk_format: 'qcow2' });
    await client.stage(id, 'no disk at all');
    expect((await client.post(`/images/${id}/import`, direct)).status).toBe(202);
    await client.running.sagas.idle();
    const { body } = await client.get(`/images/${id}`);
    expect(body).toMatchObject({ status: 'queued', size: null, os_glance_failed_import: 'file' });
    expect(body).not.toHaveProperty('os_glance_import_task');
    const [task] = (await client.get(`/images/${id}/tasks`)).body.tasks;
    expect(task).toMatchObject({
      status: 'failure',
      message: 'Image disk_format qcow2 does not match stream data raw',
      result: null,
    });
    expect(await filesLeft()).toEqual([]);
    expect((await client.stage(id, qcow2())).status).toBe(204);
  });

  test.each([
    [undefined, 'Body expected in request.'],
    [{}, 'Import request requires a &#x27;method&#x27; field.'],
    [{ method: {} }, 'Import request requires a &#x27;name&#x27; field.'],
    [{ method: { name: 'copy-image' } }, 'Unknown import method name &#x27;copy-image&#x27;.'],
    [fetching('http://example.org/'), 'Unknown import method name &#x27;web-download&#x27;.'],
    [{ ...direct, all_stores: 'yes' }, '&#x27;all_stores&#x27; must be boolean value only'],
    [{ ...direct, all_stores_must_succeed: 1 }, '&#x27;all_stores_must_succeed&#x27; must be boolean'],
  ])('refuse the body %j', async (body, words) => {
    const { id } = await client.image();
    const answer = await client.post(`/images/${id}/import`, body);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(words)]);
  });

  test('refuse images that are not fit for it', async () => {
    const queued = await client.image();
    const unformatted = await client.image({ disk_format: null });
    const active = await client.image({}, 'data');
    const staged = await client.image({ visibility: 'community' });
    await client.stage(unformatted.id, 'x');
    await client.stage(staged.id, 'x');
    const refusal = async (id: string, body: object = direct, as?: string) => {
      const answer = await client.post(`/images/${id}/import`, body, as);
      return [answer.status, answer.body];
    };
    expect(await refusal(queued.id)).toEqual([
      409,
      expect.stringContaining('Image needs to be staged before'),
    ]);
    expect(await refusal(active.id)).toEqual([
      409,
      expect.stringContaining('Image with status active cannot be'),
    ]);
    expect(await refusal(unformatted.id)).toEqual([
      409,
      expect.stringContaining('needs to be set before import'),
    ]);
    expect(await refusal(staged.id, { ...direct, stores: ['ceph'] })).toEqual([
      409,
      expect.stringContaining('Unknown scheme'),
    ]);
    expect((await refusal(staged.id, direct, 'stranger'))[0]).toBe(403);
    expect((await refusal('nothing'))[0]).toBe(404);
    expect(await refusal(staged.id, { ...direct, stores: ['file'] })).toEqual([202, '']);
    await client.running.sagas.idle();
  });

  test('come one at a time', async () => {
    const { id } = await client.image();
    await client.stage(id, 'data');
    const answers = await Promise.all([1, 2, 3].map(() => client.post(`/images/${id}/import`, direct)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
    await client.running.sagas.idle();
  });

  test('stop when the image is deleted', async () => {
    const { id } = await client.image();
    await client.stage(id, 'data');
    await client.post(`/images/${id}/import`, direct);
    await client.delete(`/images/${id}`);
    await client.running.sagas.idle();
    expect((await client.get(`/images/${id}`)).status).toBe(404);
    const left = [...(await filesLeft()), ...(await client.running.service.files.list('data'))];
    expect(left.filter(({ name }) => name.startsWith(id))).toEqual([]);
  });

  test('are told of', async () => {
    expect((await client.get('/info/import')).body).toEqual({
      'import-methods': {
        description: 'Import methods available.',
        type: 'array',
        value: ['glance-direct'],
      },
    });
  });
});

describe('imports from the web', () => {
  const databases = sqliteDatabases();
  let client: ImageClient;
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const to = /^\/to\/(.*)$/.exec(request.url!)?.[1];
      if (request.url === '/disk') response.end(qcow2());
      else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('not all of it');
        setImmediate(() => response.destroy());
      } else if (to !== undefined) response.writeHead(302, { location: decodeURIComponent(to) }).end();
      else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    client = await ImageClient.open(await databases.open(), {
      options: {
        enabled_import_methods: ['web-download'],
        import_allowed_hosts: ['127.0.0.1'],
        import_allowed_ports: [String(port), '80'],
      },
    });
  });
  afterAll(async () => {
    await client.close();
    server.close();
  });

  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  const fetchInto = async (uri: string) => {
    const { id } = await client.image({ disk_format: 'qcow2' });
    const answer = await client.post(`/images/${id}/import`, fetching(uri));
    await client.running.sagas.idle();
    const [task] = (await client.get(`/images/${id}/tasks`)).body.tasks;
    return { answer, image: (await client.get(`/images/${id}`)).body, task };
  };

  test.each(['/disk', '/to/%2Fdisk', `/to/${encodeURIComponent('/to/..%2Fdisk')}`])('of %s', async (path) => {
    const { answer, image, task } = await fetchInto(at(path));
    expect([answer.status, image.status, image.size, task.status]).toEqual([202, 'active', 512, 'success']);
  });

  test.each([
    ['/nothing', 'answered 404'],
    ['/cut', 'ended early'],
    ['/to/', 'redirects too often'],
    [`/to/${encodeURIComponent('http://127.0.0.2/')}`, 'Redirect to disallowed URL: http://127.0.0.2/'],
    [`/to/${encodeURIComponent('http://[::1]/')}`, 'Redirect to disallowed URL'],
    [`/to/${encodeURIComponent('file:///etc/passwd')}`, 'Redirect to disallowed URL'],
  ])('fail for %s', async (path, words) => {
    const { image, task } = await fetchInto(at(path));
    expect(task).toMatchObject({ status: 'failure', message: expect.stringContaining(words) });
    expect(image.status).toBe('queued');
  });

  test.each([
    undefined,
    'no url',
    'file:///etc/passwd',
    'ftp://example.org/disk',
    'http://example.org:22/disk',
    'http://10.0.0.1/disk',
    'http://0x7f.2/disk',
    'http://169.254.169.254/latest',
    'http://[::ffff:10.0.0.1]/disk',
    'http://[fd00::1]/disk',
  ])('are not begun for %s', async (uri) => {
    const { id } = await client.image();
    const answer = await client.post(`/images/${id}/import`, fetching(uri));
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.stringContaining('URI for web-download does not pass filtering'),
    ]);
  });

  test('do not go where a name leads within this machine', async () => {
    const filter = { allowedPorts: ['80'], allowedHosts: [] };
    await expect(download('http://localhost/', filter, new AbortController().signal)).rejects.toMatchObject({
      kind: 'badRequest',
      message: 'localhost is not on the internet',
    });
  });

  test('as a task that makes its image', async () => {
    const input = {
      import_from: at('/disk'),
      import_from_format: 'qcow2',
      image_properties: { name: 'by task', disk_format: 'qcow2', container_format: 'bare', os_distro: 'x' },
    };
    const answer = await client.post('/tasks', { type: 'import', input }, 'admin');
    expect(answer.status).toBe(201);
    await client.running.sagas.idle();
    const { body: task } = await client.get(`/tasks/${answer.body.id}`, 'admin');
    expect(task).toMatchObject({ type: 'import', status: 'success', input });
    expect((await client.get(`/images/${task.result.image_id}`, 'admin')).body).toMatchObject({
      name: 'by task',
      status: 'active',
      os_distro: 'x',
      owner: 'admin-project',
    });
  });

  test('as a task that fails, and leaves no image', async () => {
    const image_properties = { name: 'never', disk_format: 'raw', container_format: 'bare' };
    const input = { import_from: at('/nothing'), import_from_format: 'raw', image_properties };
    const { body } = await client.post('/tasks', { type: 'import', input }, 'admin');
    await client.running.sagas.idle();
    expect((await client.get(`/tasks/${body.id}`, 'admin')).body).toMatchObject({
      status: 'failure',
      message: expect.stringContaining('answered 404'),
    });
    expect(await client.names('name=never', 'admin')).toEqual([]);
  });
});

describe('an import survives', () => {
  const databases = sqliteDatabases();
  const id = 'cccccccc-0000-4000-8000-000000000000';

  class ImportWorld implements SagaWorld {
    readonly #database: Database;
    readonly #directory = temporaryDirectory();
    readonly #all: ImageForTest[] = [];

    constructor(database: Database) {
      this.#database = database;
    }

    async boot(probe?: Parameters<SagaWorld['boot']>[0]) {
      const running = await startImage(this.#database, {
        directory: this.#directory,
        ...(probe && { probe }),
      });
      this.#all.push(running);
      return running.sagas;
    }

    async trigger(): Promise<void> {
      const { service } = this.#all.at(-1)!;
      await service.images.insert({
        id,
        name: null,
        visibility: 'private',
        owner: 'project-a',
        diskFormat: 'raw',
        containerFormat: 'bare',
        minDisk: 0,
        minRam: 0,
        protected: false,
        hidden: false,
        properties: {},
        tags: [],
      });
      await service.transfers.stage(id, { source: data(), size: undefined });
      const image = (await service.images.find(id))!;
      const wanted = { method: 'glance-direct', uri: undefined, body: {} } as const;
      await startImport(service, image, wanted, { auth: personas.member, request: { id: 'req-1' } });
    }

    async audit(): Promise<void> {
      const { service } = this.#all.at(-1)!;
      const image = (await service.images.find(id))!;
      const [task] = await service.tasks.ofImage(id);
      expect(['active success', 'queued failure']).toContain(`${image.status} ${task!.status}`);
      expect(image.properties).not.toHaveProperty('os_glance_import_task');
      const { files } = service;
      expect(await files.list('incoming')).toEqual([]);
      expect(await files.list('staging')).toEqual([]);
      expect((await files.list('data')).map(({ name }) => name)).toEqual(
        image.data === null ? [] : [image.data],
      );
    }

    async close(): Promise<void> {
      for (const running of this.#all) await running.stop();
      rmSync(this.#directory, { recursive: true, force: true });
    }
  }

  async function* data() {
    yield Buffer.from('data');
  }

  test.each(sagaCases(importSaga).map((c) => [c.title, c] as const))('%s', async (_, { run }) => {
    await run(async () => new ImportWorld(await databases.open()));
  });
});
