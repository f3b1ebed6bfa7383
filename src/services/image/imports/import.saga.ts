import { conflict, CloudError, notFound } from '#kit/errors/cloud-error.ts';
import { saga, type SagaError } from '#kit/saga/saga.ts';

import { emptied } from '../data/transfers.ts';
import { fileName } from '../files/file-store.ts';
import { storeId } from '../files/store-id.ts';
import type { ImageChanges, ImageRecord, Properties } from '../images/record.ts';
import type { Image } from '../service.ts';
import { mebibytes } from '../usage/quotas.ts';
import type { ImportMethod } from './request.ts';
import { download } from './web-download.ts';

/** What an import is given. */
export interface ImportInput {
  readonly imageId: string;
  readonly taskId: string;
  /** The transfer under which data is, or will be, staged. */
  readonly upload: string;
  readonly method: ImportMethod;
  readonly uri?: string;
  /** Whether the image was made for this, and goes away when it fails. */
  readonly makesImage?: boolean;
}

/** Properties that show how an import goes. The first one is its lock on the image. */
export const importTask = 'os_glance_import_task';
const importing = 'os_glance_importing_to_stores';
const failed = 'os_glance_failed_import';

/**
 * Imports staged data, or data fetched from a URL, into an image (glance/async_/flows/api_image_import.py). What fails leaves
 * the image queued, if it was not made for the import, and its task failed.
 */
export const importSaga = saga<Image, ImportInput>('image.import@1')
  .step('begin', {
    async do({ deps, input }) {
      await deps.tasks.begin(input.taskId);
      const image = await change(deps, input, ({ properties }) => ({
        status: 'importing',
        properties: { ...properties, [importing]: storeId, [failed]: '' },
      }));
      await checkQuotas(deps, image, input.method);
    },
    async undo({ deps, input, error }) {
      const { imageId, taskId, upload } = input;
      if (input.makesImage) await deps.remove(imageId, ({ properties }) => properties[importTask] === taskId);
      await deps.images.change(imageId, ({ properties }) =>
        properties[importTask] === taskId
          ? { ...emptied, properties: { ...withoutLock(properties), [importing]: '', [failed]: storeId } }
          : undefined,
      );
      await deps.transfers.giveUp(imageId, upload);
      await deps.tasks.fail(taskId, wordsOf(error));
    },
  })
  .step('fetch', {
    async do({ deps, input, signal }) {
      const { method, uri } = input;
      if (method === 'glance-direct' || uri === undefined) return;
      const name = fileName(input.imageId, input.upload);
      if (await isThere(deps, name)) return;
      await deps.files.remove('incoming', name);
      try {
        await deps.transfers.receive(name, await download(uri, deps.uriFilter, signal));
      } catch (cause) {
        if (cause instanceof CloudError) throw cause;
        throw new CloudError('badGateway', `The download of ${uri} ended early.`, { cause });
      }
      await deps.files.move('incoming', 'staging', name);
    },
  })
  .step('store', {
    async do({ deps, input }): Promise<ImageChanges> {
      const { images, transfers, files } = deps;
      const image = await images.find(input.imageId);
      if (!image) throw deleted(input);
      const name = fileName(input.imageId, input.upload);
      // whoever did this halfway has moved the file already
      const file = (await files.openIfThere('staging', name)) ?? (await files.open('data', name));
      const changes = await transfers.examine(file, name, image).finally(() => file.close());
      await files.move('staging', 'data', name);
      return changes;
    },
  })
  .step('activate', {
    async do({ deps, input, outputs }) {
      const { imageId, taskId } = input;
      const image = await deps.images.find(imageId);
      // it was activated before the journal could say so
      if (image?.data === outputs.store.data) return;
      await change(
        deps,
        input,
        ({ properties }) => ({
          ...outputs.store,
          properties: { ...withoutLock(properties), [importing]: '', [failed]: '' },
        }),
        'succeeds',
      );
      deps.log.info({ image: imageId, task: taskId }, 'image imported');
    },
  })
  .build();

/** Changes the image as long as this import holds it. */
async function change(
  { images, tasks }: Image,
  input: ImportInput,
  decide: (image: ImageRecord) => ImageChanges,
  ends?: 'succeeds',
): Promise<ImageRecord> {
  const { imageId, taskId } = input;
  const image = await images.change(
    imageId,
    (now) => {
      if (now.properties[importTask] !== taskId) throw conflict('Task was aborted externally');
      return decide(now);
    },
    async (trx) => {
      if (ends) await tasks.succeed(trx, taskId, { image_id: imageId });
    },
  );
  if (!image) throw deleted(input);
  return image;
}

const deleted = ({ imageId }: ImportInput) => notFound(`Image ${imageId} has been deleted, aborting import.`);

async function checkQuotas({ quotas }: Image, image: ImageRecord, method: ImportMethod): Promise<void> {
  const size = mebibytes(image.size ?? 0);
  if (method === 'glance-direct') await quotas.check(image.owner, { image_size_total: size });
  else await quotas.check(image.owner, { image_stage_total: size, image_count_uploading: 0 });
}

/** Whether the data was fetched before. */
async function isThere({ files }: Image, name: string): Promise<boolean> {
  for (const area of ['staging', 'data'] as const) {
    const file = await files.openIfThere(area, name);
    await file?.close();
    if (file) return true;
  }
  return false;
}

function withoutLock(properties: Properties): Properties {
  const { [importTask]: _, ...rest } = properties;
  return rest;
}

const wordsOf = ({ kind, message }: SagaError): string =>
  kind === 'internal' ? 'Task failed due to Internal Error' : message;
