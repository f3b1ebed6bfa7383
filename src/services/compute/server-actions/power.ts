import Type from 'typebox';

import { endpointOf } from '#kit/http/endpoint.ts';
import type { Saga } from '#kit/saga/saga.ts';

import { beginOperation, type OperationInput, requesterOf } from '../operations/begin.ts';
import type { ServerCall } from '../servers/find.ts';
import type { Server } from '../servers/server.ts';
import { type Rule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, bareAction, onServer } from './endpoint.ts';
import {
  crashDumpSaga,
  hardRebootSaga,
  pauseSaga,
  resumeSaga,
  softRebootSaga,
  startSaga,
  stopSaga,
  suspendSaga,
  unpauseSaga,
} from './power.saga.ts';

const endpoint = endpointOf<Compute>();

/** The handler of an action that takes nothing but the server. */
const begins =
  (rule: Rule, saga: Saga<Compute, OperationInput>) =>
  (call: ServerCall & { resource: Server }): Promise<void> =>
    beginOperation(requesterOf(call), call.resource, rule, saga, {});

const rebootKind = Type.Unsafe<string>({
  type: 'string',
  enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'],
});

/** Actions that switch guests on and off: https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action */
export const powerActions = [
  endpoint({
    ...onServer('os-start'),
    policy: 'os_compute_api:servers:start',
    body: bareAction('os-start'),
    handler: begins(rules.start, startSaga),
  }),
  endpoint({
    ...onServer('os-stop'),
    policy: 'os_compute_api:servers:stop',
    body: bareAction('os-stop'),
    handler: begins(rules.stop, stopSaga),
  }),
  endpoint({
    ...onServer('reboot'),
    policy: 'os_compute_api:servers:reboot',
    body: actionBody('reboot', Type.Object({ type: rebootKind }, { additionalProperties: false })),
    handler: (call) => {
      const soft = call.body.reboot.type.toUpperCase() === 'SOFT';
      const rule = soft ? rules.softReboot : rules.hardReboot;
      return beginOperation(
        requesterOf(call),
        call.resource,
        rule,
        soft ? softRebootSaga : hardRebootSaga,
        {},
      );
    },
  }),
  endpoint({
    ...onServer('pause'),
    policy: 'os_compute_api:os-pause-server:pause',
    body: bareAction('pause'),
    handler: begins(rules.pause, pauseSaga),
  }),
  endpoint({
    ...onServer('unpause'),
    policy: 'os_compute_api:os-pause-server:unpause',
    body: bareAction('unpause'),
    handler: begins(rules.unpause, unpauseSaga),
  }),
  endpoint({
    ...onServer('suspend'),
    policy: 'os_compute_api:os-suspend-server:suspend',
    body: bareAction('suspend'),
    handler: begins(rules.suspend, suspendSaga),
  }),
  endpoint({
    ...onServer('resume'),
    policy: 'os_compute_api:os-suspend-server:resume',
    body: bareAction('resume'),
    handler: begins(rules.resume, resumeSaga),
  }),
  endpoint({
    ...onServer('trigger_crash_dump'),
    since: '2.17',
    policy: 'os_compute_api:servers:trigger_crash_dump',
    body: actionBody('trigger_crash_dump', Type.Null()),
    handler: begins(rules.crashDump, crashDumpSaga),
  }),
];
