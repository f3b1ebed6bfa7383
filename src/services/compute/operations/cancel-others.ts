import { subjectOf } from './begin.ts';
import type { Progress } from './progress.ts';

/** Gives up whatever else is being done to the server, and waits until that has cleaned up after itself. */
export async function cancelOthers({ deps, input, sagaId }: Progress): Promise<void> {
  const { sagas } = deps.parts;
  const others = (await sagas.active(subjectOf(input.serverId))).filter((id) => id !== sagaId);
  for (const id of others) await sagas.cancel(id);
  for (const id of others) await sagas.finished(id);
}
