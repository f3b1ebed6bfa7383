import { isoMicrosNaive, isoSeconds } from '#kit/clock/clock.ts';

import { pageLinks } from '../images/view.ts';
import type { Task } from './store.ts';

const taskPath = (id: string): string => `/v2/tasks/${id}`;

/** A task as a list shows it. */
const viewTaskInList = (task: Task) => ({
  id: task.id,
  type: task.type,
  status: task.status,
  owner: task.owner,
  created_at: isoSeconds(task.createdAt),
  updated_at: isoSeconds(task.updatedAt),
  ...(task.expiresAt !== null && { expires_at: isoSeconds(task.expiresAt) }),
  self: taskPath(task.id),
  schema: '/v2/schemas/task',
});

/** A task as the API shows it. */
export const viewTask = (task: Task) => ({
  ...viewTaskInList(task),
  input: task.input,
  result: task.result,
  message: task.message,
  ...(task.imageId !== null && { image_id: task.imageId }),
  request_id: task.requestId,
  user_id: task.userId,
});

/** A page of tasks with its links. */
export const viewTasks = (
  tasks: readonly Task[],
  query: ReadonlyMap<string, string>,
  nextMarker: string | undefined,
) => ({
  tasks: tasks.map(viewTaskInList),
  ...pageLinks('/v2/tasks', query, nextMarker),
  schema: '/v2/schemas/tasks',
});

/** The tasks of an image, as they lie in the database: that is how Glance answers. */
export const viewImageTasks = (tasks: readonly Task[]) => ({
  tasks: tasks.map((task) => ({
    id: task.id,
    type: task.type,
    status: task.status,
    owner: task.owner,
    expires_at: task.expiresAt === null ? null : isoMicrosNaive(task.expiresAt),
    created_at: isoMicrosNaive(task.createdAt),
    updated_at: isoMicrosNaive(task.updatedAt),
    deleted_at: null,
    deleted: false,
    image_id: task.imageId,
    request_id: task.requestId,
    user_id: task.userId,
    input: task.input,
    result: task.result,
    message: task.message,
  })),
});
