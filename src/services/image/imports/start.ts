import type { Credentials } from '#kit/auth/credentials.ts';
import { badRequest, conflict } from '#kit/errors/cloud-error.ts';
import { newHexId, newUuid } from '#kit/ids/ids.ts';

import { storeId } from '../files/store-id.ts';
import { noSuchImage } from '../images/errors.ts';
import type { ImageRecord, NewImage } from '../images/record.ts';
import type { Image } from '../service.ts';
import type { NewTask, Task } from '../tasks/store.ts';
import { type ImportInput, importSaga, importTask } from './import.saga.ts';
import { checkImportable, type ImportRequest } from './request.ts';
import { filterUri } from './uri.ts';
import { refusedUri } from './web-download.ts';

/** Who asks for an import, and in which request. */
export interface Asker {
  readonly auth: Credentials;
  readonly request: { readonly id: string };
}

/** Starts an import into an image. Throws `conflict` when the image is not fit for it or another import is under way. */
export async function startImport(
  service: Image,
  image: ImageRecord,
  wanted: ImportRequest,
  asker: Asker,
): Promise<void> {
  if (wanted.method === 'web-download' && !filterUri(wanted.uri, service.uriFilter))
    throw refusedUri(wanted.uri);
  const taskId = newUuid();
  const changed = await service.images.change(
    image.id,
    (now) => {
      checkImportable(now, wanted.method);
      if (now.properties[importTask] !== undefined) throw conflict('Image has active task');
      const upload = wanted.method === 'glance-direct' ? now.upload : newHexId();
      return { upload, properties: { ...now.properties, [importTask]: taskId } };
    },
    async (trx, { upload }) => {
      await service.tasks.insert(trx, {
        ...askedBy(asker, taskId),
        type: 'api_image_import',
        imageId: image.id,
        input: { image_id: image.id, import_req: wanted.body, backend: [storeId] },
      });
      await service.sagas.start(trx, importSaga, `image:${image.id}`, {
        imageId: image.id,
        taskId,
        upload: upload!,
        method: wanted.method,
        ...(wanted.method === 'web-download' && { uri: wanted.uri as string }),
      } satisfies ImportInput);
    },
  );
  if (!changed) throw noSuchImage(image.id);
}

/** Makes an image and starts the import of a URL into it: what a task of type `import` asks for. */
export async function startNewImport(
  service: Image,
  image: NewImage,
  uri: string,
  input: Task['input'],
  asker: Asker,
): Promise<string> {
  if (!filterUri(uri, service.uriFilter))
    throw badRequest(`URI for legacy import task does not pass filtering: ${uri}`);
  const taskId = newUuid();
  const upload = newHexId();
  const properties = { ...image.properties, [importTask]: taskId };
  const made = await service.images.insert({ ...image, properties }, async (trx) => {
    await service.tasks.insert(trx, { ...askedBy(asker, taskId), type: 'import', imageId: image.id, input });
    await service.sagas.start(trx, importSaga, `image:${image.id}`, {
      imageId: image.id,
      taskId,
      upload,
      method: 'web-download',
      uri,
      makesImage: true,
    } satisfies ImportInput);
  });
  if (!made) throw conflict(`Image ID ${image.id} already exists!`);
  return taskId;
}

const askedBy = (
  { auth, request }: Asker,
  id: string,
): Pick<NewTask, 'id' | 'owner' | 'userId' | 'requestId'> => ({
  id,
  owner: auth.projectId ?? '',
  userId: auth.userId,
  requestId: request.id,
});
