import { join } from 'node:path';

/** Flags our processes are run with; garbage is collected when they are idle. */
export const nodeFlags: readonly string[] = ['--expose-gc', '--disable-warning=ExperimentalWarning'];

/**
 * The whole environment of a process of ours. `home` must be writable by the account it runs as, and by nobody of lesser
 * trust: what V8 compiled is kept there and believed on the next start.
 */
export const nodeEnvironment = (home: string): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  HOME: home,
  NODE_COMPILE_CACHE: join(home, 'compile-cache'),
  // files being written and passwords being hashed must leave threads for the database's commits
  UV_THREADPOOL_SIZE: '12',
  // glibc's arenas, one for each thread, cost some 10 MB a process and gain it nothing
  MALLOC_ARENA_MAX: '1',
});
