import { recordAction, type Requester } from '../operations/begin.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import type { EventName } from './schema.ts';
import { detachDeletedPort } from './vif-deleted.ts';

/** What is known of an event when it is delivered. */
export interface ServerEvent {
  readonly name: EventName;
  readonly tag?: string;
}

/** Events that say nothing without a tag. */
export const tagRequired: ReadonlySet<EventName> = new Set<EventName>([
  'volume-extended',
  'power-update',
  'accelerator-request-bound',
]);

const powerActions: ReadonlyMap<string, string> = new Map([
  ['POWER_ON', 'start'],
  ['POWER_OFF', 'stop'],
]);

/**
 * Does what an event asks for. Nothing about networks is remembered here that could be out of date, and no operation waits
 * for an event, so most need nothing done; of volumes and power Nova keeps a record, and so does this.
 */
export async function deliver(
  service: Compute,
  requester: Requester,
  server: Server,
  event: ServerEvent,
): Promise<void> {
  switch (event.name) {
    case 'network-vif-deleted':
      if (event.tag !== undefined) await detachDeletedPort(service, server.id, event.tag);
      return;
    case 'volume-extended': {
      // no volume is attached to any server
      await recordAction(requester, server, 'extend_volume', []);
      const updatedAt = service.parts.clock.now();
      await service.actions.update(server.id, requester.requestId, { message: 'Error', updatedAt });
      return;
    }
    case 'power-update': {
      // hypervisors with guests of their own tell of power themselves
      const action = powerActions.get(event.tag ?? '');
      if (action !== undefined) await recordAction(requester, server, action, []);
      return;
    }
    default:
  }
}
