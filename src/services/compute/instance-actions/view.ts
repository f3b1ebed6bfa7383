import { isoMicrosNaive } from '#kit/clock/clock.ts';
import type { StepHistory } from '#kit/saga/journal.ts';

import type { Server } from '../servers/server.ts';
import { hostIdOf } from '../servers/view.ts';
import { eventName } from './events.ts';
import type { ServerAction } from './store.ts';

export const viewAction = (action: ServerAction, shown: { updatedAt: boolean }) => ({
  action: action.action,
  instance_uuid: action.serverId,
  request_id: action.requestId,
  user_id: action.userId,
  project_id: action.projectId,
  start_time: isoMicrosNaive(action.startedAt),
  message: action.message,
  ...(shown.updatedAt && { updated_at: isoMicrosNaive(action.updatedAt) }),
});

/** What of an event the caller may see. */
export interface EventVisibility {
  readonly traceback: boolean;
  readonly host: boolean;
  readonly hostId: boolean;
  readonly details: boolean;
}

/** The events of an action, newest first. */
export const viewEvents = (
  action: ServerAction,
  steps: readonly StepHistory[],
  server: Server,
  shown: EventVisibility,
): object[] =>
  steps
    .flatMap((step) => {
      const event = eventName(action.action, step.name);
      return event === null ? [] : [viewEvent(event, step, server, shown)];
    })
    .reverse();

function viewEvent(event: string, step: StepHistory, server: Server, shown: EventVisibility): object {
  const failed = step.error !== null;
  return {
    event,
    start_time: isoMicrosNaive(step.startedAt),
    finish_time: isoMicrosNaive(step.finishedAt),
    result: failed ? 'Error' : 'Success',
    ...(shown.traceback && { traceback: step.error }),
    ...(shown.host && { host: server.host ?? '' }),
    ...(shown.hostId && { hostId: hostIdOf(server.projectId, server.host) }),
    ...(shown.details && { details: step.error }),
  };
}
