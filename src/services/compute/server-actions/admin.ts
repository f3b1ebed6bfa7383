import Type from 'typebox';

import { notImplemented } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { recordAction, requesterOf } from '../operations/begin.ts';
import { deleteServer } from '../servers/delete.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, bareAction, onServer } from './endpoint.ts';

const endpoint = endpointOf<Compute>();

const state = Type.Unsafe<'active' | 'error'>({ type: 'string', enum: ['active', 'error'] });

/** Actions that put right what went wrong. */
export const adminActions = [
  endpoint({
    ...onServer('os-resetState'),
    policy: 'os_compute_api:os-admin-actions:reset_state',
    body: actionBody('os-resetState', Type.Object({ state }, { additionalProperties: false })),
    handler: async (call) => {
      const { service, resource: server, body } = call;
      await recordAction(requesterOf(call), server, 'resetState', []);
      // whatever is still at work on the server loses its say
      await service.servers.update(server.id, {
        vmState: body['os-resetState'].state,
        taskState: null,
        operation: null,
      });
    },
  }),
  endpoint({
    ...onServer('injectNetworkInfo'),
    policy: 'os_compute_api:os-admin-actions:inject_network_info',
    body: bareAction('injectNetworkInfo'),
    // guests learn of their networks by DHCP and metadata: there is nothing to inject, as with Nova's libvirt driver
    handler: (call) => checkRule(call.resource, rules.injectNetworkInfo, requesterOf(call)),
  }),
  endpoint({
    ...onServer('forceDelete'),
    policy: 'os_compute_api:os-deferred-delete:force',
    body: bareAction('forceDelete'),
    handler: (call) => deleteServer(call, call.resource, rules.forceDelete),
  }),
  endpoint({
    ...onServer('changePassword'),
    policy: 'os_compute_api:os-admin-password',
    body: actionBody(
      'changePassword',
      Type.Object({ adminPass: Type.String() }, { additionalProperties: false }),
    ),
    handler: (call) => {
      checkRule(call.resource, rules.changePassword, requesterOf(call));
      // it takes an agent inside the guest
      throw notImplemented('Unable to set password on instance');
    },
  }),
  endpoint({
    ...onServer('restore'),
    policy: 'os_compute_api:os-deferred-delete:restore',
    body: bareAction('restore'),
    handler: (call) => checkRule(call.resource, rules.restore, requesterOf(call)),
  }),
];
