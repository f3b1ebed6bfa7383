import Type from 'typebox';

import { endpointOf } from '#kit/http/endpoint.ts';
import { history } from '#kit/http/versioned-schema.ts';

import { recordAction, requesterOf } from '../operations/begin.ts';
import { targetOf } from '../servers/find.ts';
import type { Compute } from '../service.ts';
import { bareAction, onServer } from './endpoint.ts';

const endpoint = endpointOf<Compute>();

const reason = Type.Unsafe<{ locked_reason?: string } | null>({
  type: ['object', 'null'],
  properties: { locked_reason: { type: 'string', minLength: 1, maxLength: 255 } },
  additionalProperties: false,
});
const lockBody = Type.Object(
  {
    lock: history(
      { until: '2.72', schema: Type.Unknown(), required: true },
      { since: '2.73', schema: reason, required: true },
    ),
  },
  { additionalProperties: false },
);

/** Actions that keep a server from being changed, and let it be changed again. */
export const lockActions = [
  endpoint({
    ...onServer('lock'),
    policy: 'os_compute_api:os-lock-server:lock',
    body: lockBody,
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const owner = server.projectId === auth.projectId;
      // an owner's lock does not replace an administrator's
      if (server.locked && owner) return;
      const given = call.atLeast('2.73') ? (call.body.lock as { locked_reason?: string } | null) : null;
      await service.servers.update(server.id, {
        locked: true,
        lockedBy: owner ? 'owner' : 'admin',
        ...(given?.locked_reason !== undefined && { lockedReason: given.locked_reason }),
      });
      await recordAction(requesterOf(call), server, 'lock', []);
    },
  }),
  endpoint({
    ...onServer('unlock'),
    policy: 'os_compute_api:os-lock-server:unlock',
    body: bareAction('unlock'),
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const expected = server.projectId === auth.projectId ? 'owner' : 'admin';
      if (server.lockedBy !== null && server.lockedBy !== expected)
        call.enforce('os_compute_api:os-lock-server:unlock:unlock_override', targetOf(server));
      await service.servers.update(server.id, { locked: false, lockedBy: null, lockedReason: null });
      await recordAction(requesterOf(call), server, 'unlock', []);
    },
  }),
];
