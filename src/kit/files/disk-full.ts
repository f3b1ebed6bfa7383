import { CloudError } from '../errors/cloud-error.ts';

/** Whether something failed for want of room on a disk, also when a program said so. */
export function isDiskFull(error: unknown): boolean {
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  return /No space left on device|Disk quota exceeded/.test(message ?? '');
}

/**
 * Does some work. When it fails for want of room on a disk, throws an `internal` error that says what there is no room for.
 * Of several around each other, the innermost has the say.
 */
export async function needingRoom<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new CloudError('internal', `There is no room on this host for ${what}.`, { cause: error });
  }
}
