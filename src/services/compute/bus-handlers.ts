import type { ControlHandlers } from '#contracts/agent.ts';

import { audit } from './loops/audit.ts';
import type { PowerStates } from './loops/power-states.ts';
import { answerMetadata } from './metadata/handler.ts';
import { showUploading } from './server-actions/uploading.ts';
import type { Compute } from './service.ts';

/** What agents and the command line may call of servers. */
export const serverHandlers = (
  service: Compute,
  powerStates: PowerStates,
): Pick<ControlHandlers, 'guest.changed' | 'guest.uploading' | 'metadata.get' | 'compute.audit'> => ({
  'guest.changed': ({ host, guest }) => powerStates.guestChanged(host, guest),
  'guest.uploading': (guest) => showUploading(service, guest),
  'metadata.get': (request) => answerMetadata(service, request),
  'compute.audit': async () => (await audit(service)).map(({ text }) => text),
});
