import { newRequestId } from '#kit/ids/ids.ts';

import type { Requester } from '../operations/begin.ts';
import type { Compute } from '../service.ts';

/** Compute itself, when it does to a server what nobody asked for. Locks do not hold it back. */
export const systemRequester = (service: Compute): Requester => ({
  service,
  requestId: newRequestId(),
  userId: null,
  projectId: null,
  admin: true,
});
