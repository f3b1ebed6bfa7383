import Type from 'typebox';

import { badRequest, conflict } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { beginOperation, requesterOf } from '../operations/begin.ts';
import { hostIsExpected } from '../operations/host-calls.ts';
import { hostOf } from '../operations/progress.ts';
import type { ServerMigration } from '../server-migrations/store.ts';
import { findFlavor, snapshotFlavor } from '../servers/create.ts';
import { diskConfig, flavorRef } from '../servers/fields.ts';
import type { ServerCall } from '../servers/find.ts';
import { autoDiskConfigOf, checkFlavorImage } from '../servers/image.ts';
import { checkRoomToGrow } from '../servers/quota.ts';
import type { FlavorSnapshot, Server } from '../servers/server.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { actionBody, bareAction, onServer } from './endpoint.ts';
import { confirmResizeSaga, resizeSaga, revertResizeSaga } from './resize.saga.ts';

const endpoint = endpointOf<Compute>();

const resizeBody = actionBody(
  'resize',
  Type.Object({ flavorRef, 'OS-DCF:diskConfig': Type.Optional(diskConfig) }, { additionalProperties: false }),
);

/** Actions that change a server's flavor, and settle the change. */
export const resizeActions = [
  endpoint({
    ...onServer('resize'),
    policy: 'os_compute_api:servers:resize',
    body: resizeBody,
    handler: async (call) => {
      const { service, resource: server, body } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.resize, requester);
      await requireHost(service, server);
      const wanted = await findFlavor(call, body.resize.flavorRef);
      const flavor = snapshotFlavor(wanted);
      const autoDiskConfig =
        body.resize['OS-DCF:diskConfig'] !== undefined &&
        autoDiskConfigOf(body.resize['OS-DCF:diskConfig'], server.image);
      checkChange(call, server, flavor);
      const migration = await newMigration(service, server, wanted.id);
      await beginOperation(
        requester,
        server,
        rules.resize,
        resizeSaga,
        { flavor, running: server.vmState === 'active' },
        {
          changes: { progress: 0, autoDiskConfig },
          check: async (trx) => {
            await checkRoomToGrow(service, trx, server, growth(server.flavor, flavor));
            await service.migrations.insert(migration, trx as never);
          },
        },
      );
    },
  }),
  endpoint({
    ...onServer('confirmResize'),
    status: 204,
    policy: 'os_compute_api:servers:confirm_resize',
    body: bareAction('confirmResize'),
    handler: async (call) => {
      const { service, resource: server } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.confirmResize, requester);
      await requireHost(service, server);
      await beginOperation(requester, server, rules.confirmResize, confirmResizeSaga, {});
    },
  }),
  endpoint({
    ...onServer('revertResize'),
    policy: 'os_compute_api:servers:revert_resize',
    body: bareAction('revertResize'),
    handler: async (call) => {
      const { service, resource: server } = call;
      // back to a larger one there may be no room
      const more = growth(server.flavor, server.oldFlavor ?? server.flavor);
      await beginOperation(
        requesterOf(call),
        server,
        rules.revertResize,
        revertResizeSaga,
        {},
        { check: (trx) => checkRoomToGrow(service, trx, server, more) },
      );
    },
  }),
];

/** Throws `conflict` when a server is on no host or on one that is down. */
async function requireHost(service: Compute, server: Server): Promise<void> {
  if (!(await hostIsExpected(service, hostOf(server))))
    throw conflict('Service is unavailable at this time.');
}

/** What a flavor takes more than another; less than nothing when it is the smaller one. */
const growth = (from: FlavorSnapshot, to: FlavorSnapshot) => ({
  vcpus: to.vcpus - from.vcpus,
  memoryMb: to.memoryMb - from.memoryMb,
});

/** The record of a resize, which stays on the server's host. */
async function newMigration(
  service: Compute,
  server: Server,
  newFlavor: number,
): Promise<Omit<ServerMigration, 'id'>> {
  const [host, node] = [hostOf(server), server.node!];
  const facts = (await service.hosts.find(host))?.facts;
  return {
    uuid: newUuid(),
    serverId: server.id,
    projectId: server.projectId,
    userId: server.userId,
    type: 'resize',
    status: 'pre-migrating',
    sourceHost: host,
    sourceNode: node,
    destHost: host,
    destNode: node,
    destAddress: facts?.address ?? null,
    oldFlavor: (await service.flavors.find(server.flavor.id))?.id ?? null,
    newFlavor,
    createdAt: service.parts.clock.now(),
    updatedAt: null,
  };
}

/** Throws `badRequest` for a flavor a server cannot be resized to. */
function checkChange(call: ServerCall, server: Server, flavor: FlavorSnapshot): void {
  if (flavor.rootGb === 0 && server.flavor.rootGb !== 0) {
    throw badRequest(
      'Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.',
    );
  }
  if (flavor.id === server.flavor.id) throw badRequest('When resizing, instances must change flavor!');
  const { id, size, minRam, minDisk, properties } = server.image;
  checkFlavorImage(flavor, { id, size, virtualSize: null, minRam, minDisk, properties }, () =>
    call.allows('os_compute_api:servers:create:zero_disk_flavor'),
  );
}
