import type { TaskState } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** What a server is at while its disk is copied, and then while the copy goes into its image. */
const stages: readonly (readonly [copying: TaskState, uploading: TaskState])[] = [
  ['image_pending_upload', 'image_uploading'],
  ['shelving_image_pending_upload', 'shelving_image_uploading'],
];

/**
 * Shows that the copy of a server's disk is made and being uploaded, as Nova's driver does. Only that: nothing waits for it,
 * and of a server that is at something else, or on another host, it says nothing.
 */
export async function showUploading(
  { servers }: Compute,
  { host, id }: { host: string; id: string },
): Promise<void> {
  for (const [copying, uploading] of stages) {
    const expected = { host, taskState: copying, deletedAt: null };
    if (await servers.update(id, { taskState: uploading }, expected)) return;
  }
}
