import type { Transaction } from 'kysely';

import { isKind, notFound } from '#kit/errors/cloud-error.ts';
import { saga } from '#kit/saga/saga.ts';

import { type OperationInput, subjectOf } from '../operations/begin.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { bindInterfaces, unbindInterfaces } from '../operations/interfaces.ts';
import {
  advance,
  complete,
  completeWithNotes,
  currentServer,
  fail,
  hostOf,
  Overtaken,
  type Progress,
  putBack,
} from '../operations/progress.ts';
import type { Place } from '../scheduler/scheduler.ts';
import { fileOf } from '../servers/image.ts';
import { type ImageFile, powerStates, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { shutDown } from './power.saga.ts';
import { ownerOf } from './snapshot-image.ts';
import { copyDisk, imageStep, type SnapshotInput } from './snapshot.saga.ts';

/** Frees what a shelved server holds on its host; its image is all that is left of its disk. */
export const offloadSaga = saga<Compute, OperationInput>('compute.server.shelve-offload@1')
  .step('destroy', {
    do: async (step) => {
      const server = await currentServer(step);
      if (server.host === null) return;
      const ports = server.interfaces.map((nic) => nic.portId);
      await callHost(step.deps, server.host, 'guest.destroy', { id: server.id, ports });
    },
    undo: (step) => fail(step),
    retry: 'forever',
  })
  .step('release', {
    do: async (step) => {
      const server = await currentServer(step);
      await unbindInterfaces(step.deps, server.interfaces);
      await step.deps.parts.placement.release(server.id);
      await complete(step, {
        vmState: 'shelved_offloaded',
        powerState: powerStates.shutdown,
        host: null,
        node: null,
        availabilityZone: null,
      });
    },
    retry: 'forever',
  })
  .build();

/** Makes an image of a server and switches it off, so that its host can have its room. */
export const shelveSaga = saga<Compute, SnapshotInput>('compute.server.shelve@1')
  .step('image', imageStep)
  .step('stop', {
    do: async (step) => {
      const server = await currentServer(step);
      await shutDown(step.deps, server, hostOf(server));
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (server?.host && server.vmState === 'active')
        await putBack(step, () => startGuest(step.deps, server, server.host!));
    },
  })
  .step('snapshot', {
    do: async (step) => {
      await advance(step, { powerState: powerStates.shutdown });
      await copyDisk(step, 'shelving_image_pending_upload');
    },
  })
  .step('shelve', {
    do: async (step) => {
      const server = await currentServer(step);
      // a step repeated after a crash: the offloading has the server already
      if (server.systemMetadata.shelved_image_id === step.input.image.id) return;
      const systemMetadata = {
        ...server.systemMetadata,
        shelved_at: new Date(step.deps.parts.clock.now()).toISOString(),
        shelved_image_id: step.input.image.id,
        shelved_host: hostOf(server),
      };
      const shelved = { vmState: 'shelved', powerState: powerStates.shutdown, systemMetadata } as const;
      if (step.deps.parts.options.shelved_offload_time === 0) await handOver(step, shelved);
      else await complete(step, shelved);
    },
  })
  .build();

/** Ends the shelving and begins the offloading in one transaction, both under the same request. */
async function handOver(
  step: { deps: Compute; input: OperationInput; sagaId: string },
  shelved: Partial<Server>,
): Promise<void> {
  const { deps, input, sagaId } = step;
  const { serverId, requestId } = input;
  await deps.parts.database.transaction(async (trx: Transaction<object>) => {
    const operation = await deps.parts.sagas.start(trx, offloadSaga, subjectOf(serverId), input);
    const changes = { ...shelved, taskState: 'shelving_offloading', operation } as const;
    const expected = { operation: sagaId, deletedAt: null };
    if (!(await deps.servers.update(serverId, changes, expected, trx as never)))
      throw new Overtaken(serverId);
    const updatedAt = deps.parts.clock.now();
    await deps.actions.update(serverId, requestId, { saga: operation, updatedAt }, trx as never);
  });
}

/** What the unshelving of an offloaded server is given; a zone asked for stands in the server's row already. */
export interface UnshelveInput extends OperationInput {
  /** The host asked for, if one was. */
  readonly host?: string;
}

/** Brings a server back that is off its host: made anew from its image, on any host. */
export const unshelveSaga = saga<Compute, UnshelveInput>('compute.server.unshelve@1')
  .step('schedule', {
    do: async (step): Promise<Pick<Place, 'host'>> => {
      const server = await currentServer(step);
      if (server.host !== null) return { host: server.host };
      await requireImage(step, server);
      const destination = step.input.host === undefined ? {} : { destination: { host: step.input.host } };
      return step.deps.scheduler.place({ server, tried: [], ...destination }, ({ host, node, zone }) =>
        advance(step, { host, node, availabilityZone: zone, taskState: 'spawning' }),
      );
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (server && isBack(server)) return;
      await step.deps.parts.placement.release(step.input.serverId);
      await fail(step, { host: null, node: null, availabilityZone: null });
    },
  })
  .step('spawn', {
    do: async (step): Promise<ImageFile> => {
      const { host } = step.outputs.schedule;
      const server = await withPorts(step, await currentServer(step), host);
      const base = await shelvedImage(step.deps, server);
      const spec = await guestSpecOf(step.deps, { ...server, image: { ...server.image, ...base } });
      const { signal } = step;
      await callHost(step.deps, host, 'guest.create', { spec }, { timeoutMs: slowMs, signal });
      return base;
    },
    undo: async (step) => {
      const host = step.outputs.schedule?.host;
      const server = await step.deps.servers.find(step.input.serverId);
      if (!server || isBack(server) || host === undefined) return;
      const ports = server.interfaces.map((nic) => nic.portId);
      await callHost(step.deps, host, 'guest.destroy', { id: server.id, ports });
      await unbindInterfaces(step.deps, server.interfaces);
    },
  })
  .step('finish', {
    do: async (step) => {
      const server = await currentServer(step);
      const { spawn } = step.outputs;
      if (!isBack(server)) {
        const back = {
          vmState: 'active',
          powerState: powerStates.running,
          launchedAt: step.deps.parts.clock.now(),
          // what its disk is based on now; the image it was created from is still the one it shows
          image: { ...server.image, ...spawn },
        } as const;
        await completeWithNotes(step, back, withoutShelving);
      }
      await discardImage(step.deps, spawn.id);
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (!server || isBack(server)) await discardImage(step.deps, step.outputs.spawn?.id);
    },
  })
  .build();

/** Brings a shelved server back that is still on its host: it is only off. */
export const unshelveHereSaga = saga<Compute, OperationInput>('compute.server.unshelve-here@1')
  .step('begin', {
    do: async (step): Promise<string | undefined> => {
      const server = await currentServer(step);
      await advance(step, { taskState: 'powering-on' });
      return server.systemMetadata.shelved_image_id;
    },
    undo: (step) => fail(step),
  })
  .step('start', {
    do: async (step) => {
      const found = await currentServer(step);
      if (!isBack(found)) {
        const host = hostOf(found);
        const server = await withPorts(step, found, host);
        await startGuest(step.deps, server, host);
        const back = { vmState: 'active', powerState: powerStates.running } as const;
        await completeWithNotes(step, back, withoutShelving);
      }
      // a saga that began before its first step answered the image finds it with the server
      await discardImage(step.deps, step.outputs.begin ?? found.systemMetadata.shelved_image_id);
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (!server || isBack(server)) await discardImage(step.deps, step.outputs.begin);
      else if (server.host !== null) await shutDown(step.deps, server, server.host);
    },
  })
  .build();

/** The server with those of its ports that are still there, bound to its host: some may be gone since nobody looked. */
async function withPorts(step: Progress, server: Server, host: string): Promise<Server> {
  const interfaces = await bindInterfaces(step.deps, server.interfaces, host);
  if (interfaces.length < server.interfaces.length) await advance(step, { interfaces });
  return { ...server, interfaces };
}

/** Throws `notFound`, and puts the server into error, when the image it was shelved into is gone. */
async function requireImage(step: Progress, server: Server): Promise<void> {
  try {
    await shelvedImage(step.deps, server);
  } catch (error) {
    if (!isKind(error, 'notFound')) throw error;
    await advance(step, { vmState: 'error' });
    const { shelved_image_id: id } = server.systemMetadata;
    throw notFound(`Unshelve attempted but the image ${id} cannot be found.`, undefined, error);
  }
}

/** The image a server was shelved into. */
const shelvedImage = async ({ parts }: Compute, server: Server): Promise<ImageFile> =>
  fileOf(await parts.image.get(server.systemMetadata.shelved_image_id!, ownerOf(server)));

/**
 * Whether an unshelving has come to its end: the server's row has forgotten the image. It is not taken back then, and a
 * step repeated after a crash has only the image left to remove.
 */
const isBack = (server: Server): boolean => server.systemMetadata.shelved_image_id === undefined;

/** The server's notes without those of its shelving. */
function withoutShelving(notes: Server['systemMetadata']): Server['systemMetadata'] {
  const { shelved_image_id: _, shelved_at: __, shelved_host: ___, ...rest } = notes;
  return rest;
}

/**
 * Removes the image a server was shelved into, once the server is back: until then it is all there is of its disk. One
 * that cannot be removed stays an image like any other, as with Nova.
 */
async function discardImage({ parts }: Compute, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  try {
    await parts.image.discard(id);
  } catch (error) {
    parts.log.warn({ err: error, image: id }, 'the image of a shelved server could not be removed');
  }
}

async function startGuest(service: Compute, server: Server, host: string): Promise<void> {
  const spec = await guestSpecOf(service, server);
  await callHost(service, host, 'guest.start', { spec }, { timeoutMs: slowMs });
}
