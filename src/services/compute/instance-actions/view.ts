import { isoMicrosNaive } from '#kit/clock/clock.ts';
import type { StepHistory } from '#kit/saga/journal.ts';

import type { Server } from '../servers/server.ts';
import { hostIdOf } from '../servers/view.ts';
import { eventsOf, type ServerEvent } from './events.ts';
import type { ServerAction } from './store.ts';

/** An action without its events; `updatedAt` is for 2.58 on. */
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
  eventsOf(action, steps)
    .map((event) => viewEvent(event, server.projectId, action.host ?? server.host, shown))
    .reverse();

const viewEvent = (
  event: ServerEvent,
  projectId: string,
  host: string | null,
  shown: EventVisibility,
): object => ({
  event: event.name,
  start_time: isoMicrosNaive(event.startedAt),
  finish_time: isoMicrosNaive(event.finishedAt),
  result: event.error === null ? 'Success' : 'Error',
  ...(shown.traceback && { traceback: event.error }),
  ...(shown.host && { host: host ?? '' }),
  ...(shown.hostId && { hostId: hostIdOf(projectId, host) }),
  ...(shown.details && { details: event.error }),
});
