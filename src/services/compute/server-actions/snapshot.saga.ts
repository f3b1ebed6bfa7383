import type { ImageFacts, NewSnapshot } from '#contracts/image.ts';
import { isKind } from '#kit/errors/cloud-error.ts';
import { saga, type Step } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { advance, complete, currentServer, fail, hostOf } from '../operations/progress.ts';
import type { Server, TaskState } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { ownerOf } from './snapshot-image.ts';

/** What the sagas that copy a server's root disk into an image are started with. */
export interface SnapshotInput extends OperationInput {
  /** The image to be made of the server. */
  readonly image: NewSnapshot;
}

/** What a backup is started with: `createBackup`'s body, besides a snapshot's. */
export interface BackupInput extends SnapshotInput {
  readonly backupType: string;
  /** How many backups of this type are kept. */
  readonly rotation: number;
}

/**
 * Makes the image that waits for its data, and takes it back. A step of its own: an image its owner deletes meanwhile is
 * not made again.
 */
export const imageStep: Step<Compute, SnapshotInput, object, void> = {
  do: ({ deps, input }) => deps.parts.image.createSnapshot(input.image),
  undo: async (step) => {
    await step.deps.parts.image.discard(step.input.image.id);
    await fail(step);
  },
};

/** Fills an image with a copy of a server's root disk. */
export const snapshotSaga = saga<Compute, SnapshotInput>('compute.server.snapshot@1')
  .step('image', imageStep)
  .step('snapshot', {
    do: async (step) => {
      await copyDisk(step, 'image_pending_upload');
      await complete(step, {});
    },
  })
  .build();

/** Fills an image with a copy of a server's root disk, and removes the oldest ones beyond what is kept. */
export const backupSaga = saga<Compute, BackupInput>('compute.server.backup@1')
  .step('image', imageStep)
  .step('snapshot', { do: (step) => copyDisk(step, 'image_pending_upload') })
  .step('rotate', {
    do: async (step) => {
      const server = await currentServer(step);
      const { backupType, rotation } = step.input;
      const backups = await backupsOf(step.deps, server, backupType);
      for (const { id } of backups.slice(rotation))
        await step.deps.parts.image.remove(id, ownerOf(server)).catch(leaveIt);
      await complete(step, {});
    },
  })
  .build();

/** A server's backups of a type, newest first; what others may have made to look like one is not counted. */
async function backupsOf({ parts }: Compute, server: Server, backupType: string): Promise<ImageFacts[]> {
  const properties = { instance_uuid: server.id, image_type: 'backup', backup_type: backupType };
  const images = await parts.image.list(ownerOf(server), { properties });
  return images.filter((image) => image.projectId === server.projectId).toSorted(newestFirst);
}

/** A backup that is protected, or gone, is passed over: the new one is there all the same. */
function leaveIt(error: unknown): void {
  if (!isKind(error, 'forbidden', 'conflict', 'notFound')) throw error;
}

const newestFirst = (a: ImageFacts, b: ImageFacts): number => b.createdAt - a.createdAt;

/** Lets the agent write the root disk into the image. It tells when the copy is made and the task is to upload it. */
export async function copyDisk(
  step: { deps: Compute; input: SnapshotInput; sagaId: string; signal: AbortSignal },
  taskState: TaskState,
): Promise<void> {
  const server = await currentServer(step);
  await advance(step, { taskState });
  const args = { id: server.id, imageId: step.input.image.id };
  const { signal } = step;
  await callHost(step.deps, hostOf(server), 'guest.snapshot', args, { timeoutMs: slowMs, signal });
}
