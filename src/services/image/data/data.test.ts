import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { describeEachEngine, sqliteDatabases } from '#test/support/databases.ts';
import { qcow2, randomDisk } from '#test/support/disk-images.ts';
import { ImageClient, startImage } from '#test/support/image.ts';

const digest = (algorithm: string, data: Uint8Array | string) =>
  createHash(algorithm).update(data).digest('hex');

describeEachEngine('image data', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const filesLeft = async () => {
    const { files } = client.running.service;
    return [...(await files.list('incoming')), ...(await files.list('staging'))].map(({ name }) => name);
  };

  describe('upload', () => {
    test.each([
      ['nothing', 0],
      ['a little', 1000],
      ['what threads hash', 3_000_000],
      ['whole blocks', 8 << 20],
    ])('%s', async (_, size) => {
      const data = randomDisk(size);
      const shown = await client.image({}, data);
      expect(shown).toMatchObject({
        status: 'active',
        size,
        virtual_size: size || null,
        checksum: digest('md5', data),
        os_hash_algo: 'sha512',
        os_hash_value: digest('sha512', data),
        stores: 'file',
      });
      const download = await fetch(`${client.api.origin}${shown.file}`, {
        headers: { 'x-auth-token': 'member' },
      });
      expect(Buffer.from(await download.arrayBuffer()).equals(data)).toBe(true);
      expect(Object.fromEntries(download.headers)).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-length': String(size),
        'content-md5': digest('md5', data),
      });
    });

    test('in chunks, of no size announced', async () => {
      const { id } = await client.image();
      const data = randomDisk(700_000);
      const status = await send(
        'PUT',
        `/v2/images/${id}/file`,
        { 'content-type': 'application/octet-stream' },
        (sent) => {
          for (let at = 0; at < data.length; at += 100_000) sent.write(data.subarray(at, at + 100_000));
          sent.end();
        },
      );
      expect(status).toBe(204);
      expect((await client.get(`/images/${id}`)).body.checksum).toBe(digest('md5', data));
    });

    test('what a guest would see of it', async () => {
      const shown = await client.image({ disk_format: 'qcow2' }, qcow2({ size: 5n << 30n }));
      expect(shown).toMatchObject({ size: 512, virtual_size: 5 * 2 ** 30 });
    });

    test('not what is in another format, or dangerous', async () => {
      for (const [data, words] of [
        ['no disk at all', 'Image disk_format qcow2 does not match stream data raw'],
        [qcow2({ backingOffset: 512n }), 'Image failed safety checks'],
      ] as const) {
        const { id } = await client.image({ disk_format: 'qcow2' });
        const answer = await client.upload(id, data);
        expect([answer.status, answer.body]).toEqual([415, expect.stringContaining(words)]);
        expect((await client.get(`/images/${id}`)).body).toMatchObject({ status: 'queued', size: null });
      }
      expect(await filesLeft()).toEqual([]);
    });

    test('only once', async () => {
      const { id } = await client.image({}, 'data');
      const answer = await client.upload(id, 'others');
      expect([answer.status, answer.body]).toEqual([
        409,
        expect.stringContaining('Image status transition from active to saving is not allowed'),
      ]);
      expect((await client.send('GET', `/images/${id}/file`)).body).toBe('data');
    });

    test('not before the formats are set', async () => {
      const { id } = await client.image({ disk_format: null, container_format: null });
      const answer = await client.upload(id, 'data');
      expect([answer.status, answer.body]).toEqual([
        400,
        expect.stringContaining('Properties disk_format, container_format must be set prior to saving data.'),
      ]);
    });

    test('not of another media type, into another’s image, or to another store', async () => {
      const { id } = await client.image({ visibility: 'community' });
      const type = await client.upload(id, 'data', { headers: { 'content-type': 'text/plain' } });
      expect([type.status, type.body]).toEqual([
        415,
        expect.stringContaining('Invalid content type text/plain'),
      ]);
      expect((await client.upload(id, 'data', { as: 'stranger' })).status).toBe(403);
      expect((await client.upload(id, 'data', { headers: { 'x-image-meta-store': 'ceph' } })).status).toBe(
        400,
      );
      expect((await client.upload('nothing', 'data')).status).toBe(404);
    });

    test('not another number of bytes than announced', async () => {
      const { id } = await client.image();
      const announce = (size: string) =>
        client.upload(id, 'data', { headers: { 'x-openstack-image-size': size } });
      expect((await announce('many')).status).toBe(400);
      expect((await announce('5')).status).toBe(400);
      expect((await client.get(`/images/${id}`)).body.status).toBe('queued');
      expect((await announce('4')).status).toBe(204);
    });

    test('not when the image goes away meanwhile', async () => {
      const { id } = await client.image();
      const status = await send(
        'PUT',
        `/v2/images/${id}/file`,
        { 'content-type': 'application/octet-stream' },
        (sent) => {
          sent.write('da');
          void (async () => {
            await until(async () => (await client.get(`/images/${id}`)).body.status === 'saving');
            await client.delete(`/images/${id}`);
            sent.end('ta');
          })();
        },
      );
      expect(status).toBe(410);
      expect(await filesLeft()).toEqual([]);
    });

    test('a client that goes away leaves the image queued and nothing behind', async () => {
      const { id } = await client.image();
      const headers = { 'content-type': 'application/octet-stream', 'content-length': '1000000' };
      const sending = send('PUT', `/v2/images/${id}/file`, headers, (sent) => {
        sent.write('some of it');
        void (async () => {
          await until(async () => (await filesLeft()).length > 0);
          sent.destroy();
        })();
      });
      await expect(sending).rejects.toThrow();
      await until(async () => (await client.get(`/images/${id}`)).body.status === 'queued');
      await until(async () => (await filesLeft()).length === 0);
      expect((await client.upload(id, 'data')).status).toBe(204);
    });

    test('a client that waits for leave to send is told at once when it may not', async () => {
      const headers = { 'content-type': 'application/octet-stream', expect: '100-continue' };
      const active = await client.image({}, 'data');
      const queued = await client.image();
      const answers = [];
      for (const { id } of [active, queued]) {
        let continued = false;
        const status = await send('PUT', `/v2/images/${id}/file`, headers, (sent) => {
          sent.flushHeaders();
          sent.on('continue', () => {
            continued = true;
            sent.end('data');
          });
        });
        answers.push([status, continued]);
      }
      expect(answers).toEqual([
        [409, false],
        [204, true],
      ]);
    });

    test.each([
      [
        'ENOSPC',
        413,
        'Image storage media is full: There is not enough disk space on the image storage media.',
      ],
      ['EACCES', 503, 'Insufficient permissions on image storage media:'],
      ['EIO', 500, ''],
    ])('a disk that answers %s leaves the image queued and nothing behind', async (code, status, words) => {
      const { files } = client.running.service;
      const create = files.create.bind(files);
      vi.spyOn(files, 'create').mockImplementationOnce(async (name) => {
        const file = await create(name);
        const write = file.write.bind(file) as (...args: unknown[]) => unknown;
        let written = 0;
        vi.spyOn(file, 'write').mockImplementation(((...args: unknown[]) => {
          if (++written < 2) return write(...args);
          throw Object.assign(new Error('the disk says no'), { code });
        }) as never);
        return file;
      });
      const { id } = await client.image();
      const answer = await client.upload(id, randomDisk(4 << 20));
      expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(words)]);
      expect((await client.get(`/images/${id}`)).body).toMatchObject({ status: 'queued', size: null });
      expect(await filesLeft()).toEqual([]);
      expect((await client.upload(id, 'data')).status).toBe(204);
    });

    test('more than there is room for is refused before it comes', async () => {
      const { id } = await client.image();
      const status = await send(
        'PUT',
        `/v2/images/${id}/file`,
        {
          'content-type': 'application/octet-stream',
          'content-length': String(2 ** 39),
          expect: '100-continue',
        },
        (sent) => sent.flushHeaders(),
      );
      expect(status).toBe(413);
      expect((await client.get(`/images/${id}`)).body.status).toBe('queued');
    });
  });

  describe('download', () => {
    let id: string;
    beforeAll(async () => {
      ({ id } = await client.image({ visibility: 'community' }, '0123456789'));
    });
    const read = (headers: Record<string, string>, as = 'member') =>
      client.send('GET', `/images/${id}/file`, { headers, as });

    test.each([
      ['bytes=0-3', '0123', 'bytes 0-3/10'],
      ['bytes=4-', '456789', 'bytes 4-9/10'],
      ['bytes=8-20', '89', 'bytes 8-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=-30', '0123456789', 'bytes 0-9/10'],
      ['bytes=-0', '0123456789', 'bytes 0-9/10'],
    ])('of a range: %s', async (range, body, contentRange) => {
      const answer = await read({ range });
      expect([answer.status, answer.body, answer.headers.get('content-range')]).toEqual([
        206,
        body,
        contentRange,
      ]);
      expect(answer.headers.get('content-length')).toBe(String(body.length));
    });

    test('of a range, as old clients ask for it', async () => {
      const answer = await read({ 'content-range': 'bytes 2-4/10' });
      expect([answer.status, answer.body, answer.headers.get('content-range')]).toEqual([
        206,
        '234',
        'bytes 2-4/10',
      ]);
    });

    test.each([
      [{ range: 'bytes=0-1,3-4' }, 400, 'multiple ranges are not supported'],
      [{ range: 'lines=1-2' }, 416, 'Invalid Range header.'],
      [{ range: 'bytes=5-4' }, 416, 'Invalid Range header.'],
      [{ range: 'bytes=10-' }, 416, 'Start position MUST be in the inclusive range [0, 9]'],
      [{ 'content-range': 'bytes 5-4/10' }, 416, 'Invalid Content-Range header.'],
      [{ 'content-range': 'bytes 1-10/*' }, 416, 'Invalid stop position in Content-Range header.'],
      [{ 'content-range': 'bytes 10-12/20' }, 416, 'Invalid start position in Content-Range header.'],
    ])('refuses %j', async (headers, status, words) => {
      const answer = await read(headers as unknown as Record<string, string>);
      expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(words)]);
    });

    test('nothing as long as there is nothing', async () => {
      const queued = await client.image();
      expect((await client.send('GET', `/images/${queued.id}/file`)).status).toBe(204);
    });

    test('needs the role member, and to see the image', async () => {
      expect((await read({}, 'stranger')).body).toBe('0123456789');
      expect((await read({}, 'reader')).status).toBe(403);
      expect((await read({}, 'nobody')).status).toBe(404);
      const { id: other } = await client.image({ visibility: 'private' }, 'secret');
      expect((await client.get(`/images/${other}/file`, 'stranger')).status).toBe(404);
    });

    test('of a deactivated image is for administrators', async () => {
      const { id: off } = await client.image({}, 'data');
      await client.post(`/images/${off}/actions/deactivate`);
      const answer = await client.get(`/images/${off}/file`);
      expect([answer.status, answer.body]).toEqual([
        403,
        expect.stringContaining(
          'The requested image has been deactivated. Image data download is forbidden.',
        ),
      ]);
      expect((await client.get(`/images/${off}/file`, 'admin')).body).toBe('data');
    });

    test('from a store that is preferred', async () => {
      expect((await client.get(`/images/${id}/file?prefer=file`)).body).toBe('0123456789');
      const answer = await client.get(`/images/${id}/file?prefer=ceph`);
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('is not configured.')]);
    });
  });

  describe('staging', () => {
    test('keeps data for an import', async () => {
      const { id } = await client.image({ disk_format: null });
      expect((await client.stage(id, 'staged')).status).toBe(204);
      expect((await client.get(`/images/${id}`)).body).toMatchObject({
        status: 'uploading',
        size: 6,
        checksum: null,
      });
      expect((await client.stage(id, 'again')).status).toBe(409);
      expect((await client.upload(id, 'data')).status).toBe(409);
      expect((await client.get(`/images/${id}/file`)).status).toBe(204);
      await client.delete(`/images/${id}`);
      expect(await filesLeft()).toEqual([]);
    });

    test('needs to own the image', async () => {
      const { id } = await client.image({ visibility: 'community' });
      expect((await client.stage(id, 'data', 'stranger')).status).toBe(403);
      expect((await client.send('PUT', `/images/${id}/stage`, { body: 'x' })).status).toBe(415);
    });
  });

  /** Sends a request as `write` says; answers the status. */
  const send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    write: (sent: ReturnType<typeof httpRequest>) => void,
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(`${client.api.origin}${path}`, {
        method,
        headers: { 'x-auth-token': 'member', ...headers },
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode!);
        if (!sent.writableEnded) sent.destroy();
      });
      sent.on('error', reject);
      write(sent);
    });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

describeEachEngine('transfers that die', (databases) => {
  const upload = async (running: Awaited<ReturnType<typeof startImage>>) => {
    const { service } = running;
    const id = 'aaaaaaaa-0000-4000-8000-000000000000';
    await running.assembled.contract.createSnapshot({
      id,
      name: 'an image',
      projectId: 'project-a',
      userId: 'user',
      diskFormat: 'raw',
      containerFormat: 'bare',
      minDisk: 0,
      minRam: 0,
      properties: {},
    });
    const started = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<void>();
    async function* source() {
      yield Buffer.alloc(1 << 20, 'x');
      started.resolve();
      await ending.promise;
    }
    const done = service.transfers.upload(id, { source: source(), size: undefined });
    await started.promise;
    return { id, end: () => ending.resolve(), done };
  };

  test('leave their image queued and nothing behind', async () => {
    const database = await databases.open();
    const dead = await startImage(database);
    const { id, end, done } = await upload(dead);
    const { clock, directory } = dead;
    // this process has never heard of the upload
    clock.advance(61_000);
    const running = await startImage(database, { clock, directory });
    const { images, files, transfers } = running.service;
    await transfers.loop.run();
    expect(await images.find(id)).toMatchObject({ status: 'queued', upload: null });
    expect(await files.list('incoming')).toEqual([]);
    // should it live after all, it finds that nobody waits for it
    await transfers.upload(id, { source: fromText('data'), size: undefined });
    end();
    await expect(done).rejects.toMatchObject({ kind: 'gone' });
    expect(await images.find(id)).toMatchObject({ status: 'active', size: 4 });
    expect(await files.list('data')).toHaveLength(1);
    await running.stop();
    await dead.stop();
  });

  test('while those that live are left alone', async () => {
    const running = await startImage(await databases.open());
    const { id, end, done } = await upload(running);
    for (let i = 0; i < 10; i++) {
      running.clock.advance(15_000);
      await running.service.transfers.loop.run();
    }
    end();
    await done;
    expect(await running.service.images.find(id)).toMatchObject({ status: 'active', size: 1 << 20 });
    await running.stop();
  });
});

describe('the sweep', () => {
  const databases = sqliteDatabases();

  test('removes the files of no image, once they are old', async () => {
    const client = await ImageClient.open(await databases.open());
    const { id } = await client.image({}, 'data');
    const staged = await client.image();
    await client.stage(staged.id, 'staged');
    const { service, assembled } = client.running;
    const { files } = service;
    for (const area of ['data', 'staging'] as const) {
      await files.writeAt(`${id}.lost-${area}`, 0, Buffer.from('x'));
      await files.move('incoming', area, `${id}.lost-${area}`);
    }
    await files.writeAt('bbbbbbbb-0000-4000-8000-000000000000.lost', 0, Buffer.from('x'));
    const sweep = assembled.loops.find(({ name }) => name === 'image.sweep')!;
    const names = async () =>
      (await Promise.all((['data', 'staging', 'incoming'] as const).map((area) => files.list(area)))).map(
        (found) => found.map(({ name }) => name.includes('lost')),
      );
    await sweep.run();
    expect((await names()).flat().filter(Boolean)).toHaveLength(3);
    client.running.clock.advance(700_000);
    await sweep.run();
    expect(await names()).toEqual([[false], [false], []]);
    expect((await client.get(`/images/${id}/file`)).body).toBe('data');
    await client.close();
  });

  test('leaves what a transfer has moved but not completed yet, and only that', async () => {
    const client = await ImageClient.open(await databases.open());
    const { service, assembled, clock } = client.running;
    const [moved, other] = [await client.image(), await client.image()];
    await service.images.change(moved.id, () => ({ status: 'saving', upload: 'snapshot' }));
    for (const { id } of [moved, other]) {
      await service.files.writeAt(`${id}.snapshot`, 0, Buffer.from('x'));
      await service.files.move('incoming', 'data', `${id}.snapshot`);
    }
    await service.files.writeAt(`${other.id}.snapshot`, 0, Buffer.from('x'));
    clock.advance(700_000);
    await assembled.loops.find(({ name }) => name === 'image.sweep')!.run();
    expect((await service.files.list('data')).map(({ name }) => name)).toEqual([`${moved.id}.snapshot`]);
    expect(await service.files.list('incoming')).toEqual([]);
    await client.close();
  });
});

describe('receiving', () => {
  const databases = sqliteDatabases();

  test('whatever pieces data comes in, it is all there and its hashes are right', async () => {
    const running = await startImage(await databases.open());
    const { transfers, files } = running.service;
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(fc.integer({ min: 0, max: 1_500_000 }), { maxLength: 12 }),
          fc.array(fc.integer({ min: 0, max: 70_000 }), { minLength: 30, maxLength: 60 }),
        ),
        fc.integer({ min: 0, max: 255 }),
        async (sizes, seed) => {
          const pieces = sizes.map((size, i) => Buffer.alloc(size, (seed + i) % 256));
          const data = Buffer.concat(pieces);
          const name = `piece.${++count}`;
          const facts = await transfers.receive(name, { source: fromPieces(pieces), size: undefined });
          expect(facts).toEqual({
            size: data.length,
            checksum: digest('md5', data),
            hash: digest('sha512', data),
          });
          await files.move('incoming', 'data', name);
          const file = await files.open('data', name);
          expect((await file.readFile()).equals(data)).toBe(true);
          await file.close();
          await files.remove('data', name);
        },
      ),
      { numRuns: 40 },
    );
    await running.stop();
  });

  test('stops at the largest size an image may have', async () => {
    const running = await startImage(await databases.open(), { options: { image_size_cap: 1_000_000 } });
    const { transfers } = running.service;
    const pieces = Array.from({ length: 11 }, () => Buffer.alloc(100_000));
    for (const size of [undefined, 1_100_000])
      await expect(
        transfers.receive(`large.${size}`, { source: fromPieces(pieces), size }),
      ).rejects.toMatchObject({
        kind: 'tooLarge',
        message: 'The incoming image is too large: The provided image is too large.',
      });
    await running.stop();
  });
});

async function* fromPieces(pieces: readonly Buffer[]) {
  yield* pieces;
}

const fromText = (text: string) => fromPieces([Buffer.from(text)]);
