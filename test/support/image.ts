import { rmSync } from 'node:fs';

import { FakeClock } from '#kit/clock/clock.ts';
import { readConfig } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { silentLog } from '#kit/log/log.ts';
import { type Probe, SagaEngine } from '#kit/saga/engine.ts';
import { sagaMigrations } from '#kit/saga/journal.ts';
import { imageApi } from '#services/image/api.ts';
import { type AssembledImage, assembleImage } from '#services/image/assembly.ts';
import { imageMigrations } from '#services/image/migrations/migrations.ts';
import { imageOptions } from '#services/image/options.ts';
import type { Image, ImageParts } from '#services/image/service.ts';

import { type Answer, type ApiClient, type RequestOptions, serveForTest } from './api-client.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Options = ImageParts['options'];

/** What a test wants different from the default. */
export interface ImageTestOptions {
  readonly options?: Partial<Options>;
  /** Where data lies; a directory of an earlier service lets this one go on after it. */
  readonly directory?: string;
  readonly clock?: FakeClock;
  readonly probe?: Probe;
}

/** An Image service with its data in a directory of its own, not served. */
export interface ImageForTest {
  readonly service: Image;
  readonly assembled: AssembledImage;
  readonly sagas: SagaEngine;
  readonly clock: FakeClock;
  readonly directory: string;
  stop(): Promise<void>;
}

/** Starts Image on a database, as a control process does. */
export async function startImage(database: Database, wanted: ImageTestOptions = {}): Promise<ImageForTest> {
  const clock = wanted.clock ?? new FakeClock(Date.now());
  const directory = wanted.directory ?? temporaryDirectory();
  await migrate(database, [...sagaMigrations, ...imageMigrations], 0);
  const log = silentLog();
  const { probe } = wanted;
  const sagas = new SagaEngine({ database, clock, log, alone: true, ...(probe && { probe }) });
  const options = { ...readConfig({ image: imageOptions }, '').image, ...wanted.options };
  const assembled = assembleImage({ database, clock, log, sagas, options, directory });
  const { service } = assembled;
  await service.begin();
  await sagas.begin();
  return {
    service,
    assembled,
    sagas,
    clock,
    directory,
    async stop() {
      await sagas.stop();
      await service.stop();
    },
  };
}

/** Image served, with shorthands for what its tests do all the time. The default caller is a member of project-a. */
export class ImageClient {
  readonly api: ApiClient;
  readonly running: ImageForTest;
  readonly close: () => Promise<void>;

  private constructor(api: ApiClient, running: ImageForTest, close: () => Promise<void>) {
    this.api = api;
    this.running = running;
    this.close = close;
  }

  static async open(database: Database, wanted: ImageTestOptions = {}): Promise<ImageClient> {
    const running = await startImage(database, wanted);
    const { client, close } = await serveForTest(imageApi, running.service);
    return new ImageClient(client, running, async () => {
      await close();
      await running.stop();
      rmSync(running.directory, { recursive: true, force: true });
    });
  }

  send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.api.send(method, path, { as: 'member', ...options });
  }

  get = (path: string, as?: string) => this.send('GET', path, { ...(as && { as }) });
  post = (path: string, body?: unknown, as?: string) => this.send('POST', path, { body, ...(as && { as }) });
  delete = (path: string, as?: string) => this.send('DELETE', path, { ...(as && { as }) });

  /** Applies a patch. */
  patch = (id: string, operations: unknown, as?: string): Promise<Answer> =>
    this.send('PATCH', `/images/${id}`, {
      body: operations,
      headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
      ...(as && { as }),
    });

  /** Uploads data. */
  upload = (id: string, data: string | Uint8Array, options: RequestOptions = {}): Promise<Answer> =>
    this.send('PUT', `/images/${id}/file`, {
      body: data,
      ...options,
      headers: { 'content-type': 'application/octet-stream', ...options.headers },
    });

  /** Stages data for an import. */
  stage = (id: string, data: string | Uint8Array, as?: string): Promise<Answer> =>
    this.send('PUT', `/images/${id}/stage`, {
      body: data,
      headers: { 'content-type': 'application/octet-stream' },
      ...(as && { as }),
    });

  /** Makes an image of raw data, queued unless data is given, and answers what the API shows. */
  async image(fields: object = {}, data?: string | Uint8Array, as = 'member'): Promise<Answer['body']> {
    const body = { name: 'an image', disk_format: 'raw', container_format: 'bare', ...fields };
    const made = must(await this.post('/images', body, as));
    if (data === undefined) return made.body;
    must(await this.upload(made.body.id, data, { as }));
    return (await this.get(`/images/${made.body.id}`, as)).body;
  }

  /** The names of images a list answers. */
  async names(query: string, as?: string): Promise<(string | null)[]> {
    const { body } = must(await this.get(`/images?${query}`, as));
    return body.images.map((image: { name: string | null }) => image.name);
  }
}

function must(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}
