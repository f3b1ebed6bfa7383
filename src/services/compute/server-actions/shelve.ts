import Type from 'typebox';

import { badRequest, conflict } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { history } from '#kit/http/versioned-schema.ts';

import { zoneOf } from '../aggregates/zones.ts';
import { name } from '../fields.ts';
import { beginOperation, requesterOf } from '../operations/begin.ts';
import { type ServerCall, targetOf } from '../servers/find.ts';
import { requireZone } from '../servers/placing.ts';
import type { Server } from '../servers/server.ts';
import { checkRule, type Rule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { bareAction, onServer } from './endpoint.ts';
import { offloadSaga, shelveSaga, unshelveHereSaga, unshelveSaga } from './shelve.saga.ts';
import { newSnapshot, withImage } from './snapshot-image.ts';

const endpoint = endpointOf<Compute>();

const withZone = Type.Unsafe<{ availability_zone: string } | null>({
  type: ['object', 'null'],
  properties: { availability_zone: name },
  required: ['availability_zone'],
  additionalProperties: false,
});
const withHost = Type.Unsafe<{ availability_zone?: string | null; host?: string } | null>({
  type: ['object', 'null'],
  properties: { availability_zone: { type: ['string', 'null'] }, host: { type: 'string' } },
  additionalProperties: false,
});
const unshelveBody = Type.Object(
  {
    unshelve: history(
      { until: '2.76', schema: Type.Unknown(), required: true },
      { since: '2.77', until: '2.90', schema: withZone, required: true },
      { since: '2.91', schema: withHost, required: true },
    ),
  },
  { additionalProperties: false },
);

// which of the two it is decides the saga: one that is offloaded meanwhile is not unshelved as if it were not
const unshelveHere: Rule = { ...rules.unshelve, from: ['shelved'] };
const unshelveElsewhere: Rule = { ...rules.unshelve, from: ['shelved_offloaded'] };

/** Actions that put a server away, and bring it back. */
export const shelveActions = [
  endpoint({
    ...onServer('shelve'),
    policy: 'os_compute_api:os-shelve:shelve',
    body: bareAction('shelve'),
    handler: async (call) => {
      const { service, resource: server, auth } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.shelve, requester);
      const snapshot = newSnapshot(server, `${server.name}-shelved`, 'snapshot', auth, {});
      await withImage(service, snapshot, () =>
        beginOperation(requester, server, rules.shelve, shelveSaga, { image: snapshot }),
      );
    },
  }),
  endpoint({
    ...onServer('shelveOffload'),
    policy: 'os_compute_api:os-shelve:shelve_offload',
    body: bareAction('shelveOffload'),
    handler: (call) => beginOperation(requesterOf(call), call.resource, rules.shelveOffload, offloadSaga, {}),
  }),
  endpoint({
    ...onServer('unshelve'),
    policy: 'os_compute_api:os-shelve:unshelve',
    body: unshelveBody,
    handler: async (call) => {
      const { resource: server } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.unshelve, requester);
      const { zone, host } = await readWish(call, server);
      if (server.vmState === 'shelved') {
        await beginOperation(requester, server, unshelveHere, unshelveHereSaga, {});
        return;
      }
      await beginOperation(
        requester,
        server,
        unshelveElsewhere,
        unshelveSaga,
        { ...(host !== undefined && { host }) },
        { ...(zone !== undefined && { changes: { pinnedAvailabilityZone: zone } }) },
      );
    },
  }),
];

/** Where an unshelved server is to go: a zone, null for any, or a host. Throws as Nova does. */
async function readWish(
  call: ServerCall & { body: { unshelve?: unknown } },
  server: Server,
): Promise<{ zone?: string | null; host?: string }> {
  if (!call.atLeast('2.77')) return {};
  const asked = call.body.unshelve as { availability_zone?: string | null; host?: string } | null;
  const zone = asked?.availability_zone;
  // an empty name is none
  const host = (call.atLeast('2.91') && asked?.host) || undefined;
  if (zone === undefined && host === undefined) return {};
  if (server.vmState !== 'shelved_offloaded') {
    throw conflict(
      `Specifying an availability zone or a host when unshelving server "${server.id}" with status "${server.vmState}" is not supported. The server status must be SHELVED_OFFLOADED.`,
    );
  }
  if (typeof zone === 'string') await requireZone(call.service, zone);
  if (host !== undefined) {
    await checkHost(call, server, host, zone === undefined ? server.pinnedAvailabilityZone : zone);
  }
  return { ...(zone !== undefined && { zone }), ...(host !== undefined && { host }) };
}

async function checkHost(call: ServerCall, server: Server, host: string, zone: string | null): Promise<void> {
  call.enforce('os_compute_api:os-shelve:unshelve_to_host', targetOf(server));
  const { hosts, aggregates } = call.service;
  if (!(await hosts.find(host))) throw badRequest(`Compute host ${host} could not be found.`);
  if (zone !== null && zoneOf(await aggregates.all(), host) !== zone)
    throw conflict(`Host "${host}" is not in the availability zone "${zone}".`);
}
