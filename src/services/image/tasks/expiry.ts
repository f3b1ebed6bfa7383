import type { Loop } from '#kit/loop/loops.ts';

import type { TaskStore } from './store.ts';

/** Removes tasks whose time is over. */
export const expiredTasksLoop = (tasks: TaskStore): Loop => ({
  name: 'image.tasks',
  everyMs: 3_600_000,
  run: () => tasks.removeExpired(),
});
