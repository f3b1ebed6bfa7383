import { randomUUID } from 'node:crypto';

import { afterEach, describe, expect, test } from 'vitest';

import type { Saga } from '#kit/saga/saga.ts';
import { sagaCases, type SagaWorld } from '#kit/saga/harness.ts';
import { beginOperation } from '#services/compute/operations/begin.ts';
import { systemRequester } from '#services/compute/loops/system-requester.ts';
import { rules } from '#services/compute/servers/state.ts';
import { audit } from '#services/compute/loops/audit.ts';
import { attachInterfaceSaga, detachInterfaceSaga } from '#services/compute/interfaces/interface.saga.ts';
import {
  hardRebootSaga,
  pauseSaga,
  resumeSaga,
  softRebootSaga,
  startSaga,
  stopSaga,
  suspendSaga,
  unpauseSaga,
} from '#services/compute/server-actions/power.saga.ts';
import { rebuildSaga } from '#services/compute/server-actions/rebuild.saga.ts';
import { rescueSaga, unrescueSaga } from '#services/compute/server-actions/rescue.saga.ts';
import {
  confirmResizeSaga,
  resizeSaga,
  revertResizeSaga,
} from '#services/compute/server-actions/resize.saga.ts';
import { offloadSaga, shelveSaga, unshelveSaga } from '#services/compute/server-actions/shelve.saga.ts';
import { backupSaga, snapshotSaga } from '#services/compute/server-actions/snapshot.saga.ts';
import { createSaga } from '#services/compute/servers/create.saga.ts';
import { deleteSaga } from '#services/compute/servers/delete.saga.ts';
import { ComputeWorld, type WorldOptions } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

/** One saga: what comes before it, and the request that starts it. */
interface Operation {
  readonly saga: Saga<unknown, unknown>;
  /** Actions, each waited for, that bring a new server where the saga begins; none for a saga that makes it. */
  readonly before: readonly [action: string, args: unknown][];
  readonly start: (world: ComputeWorld, id: string) => Promise<unknown>;
  readonly options?: WorldOptions['options'];
}

const bare = (...actions: string[]): [string, unknown][] => actions.map((action) => [action, null]);
/** Does an action without waiting for its end. */
const acts =
  (action: string, args: unknown = null) =>
  async (world: ComputeWorld, id: string) => {
    const answer = await world.send('POST', `/servers/${id}/action`, { [action]: args }, { as: 'admin' });
    expect([action, answer.status]).toEqual([action, expect.toBeOneOf([200, 202, 204])]);
  };
const resize: [string, unknown] = ['resize', { flavorRef: '2' }];
const keepShelved = { shelved_offload_time: -1 };

const operations: readonly Operation[] = [
  { saga: createSaga, before: [], start: (world) => world.requestServer() },
  {
    saga: deleteSaga,
    before: [],
    start: async (world, id) => expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204),
  },
  { saga: stopSaga, before: [], start: acts('os-stop') },
  { saga: startSaga, before: bare('os-stop'), start: acts('os-start') },
  { saga: pauseSaga, before: [], start: acts('pause') },
  { saga: unpauseSaga, before: bare('pause'), start: acts('unpause') },
  { saga: suspendSaga, before: [], start: acts('suspend') },
  { saga: resumeSaga, before: bare('suspend'), start: acts('resume') },
  { saga: softRebootSaga, before: [], start: acts('reboot', { type: 'SOFT' }) },
  { saga: hardRebootSaga, before: [], start: acts('reboot', { type: 'HARD' }) },
  { saga: resizeSaga, before: [], start: acts(...resize) },
  { saga: confirmResizeSaga, before: [resize], start: acts('confirmResize') },
  { saga: revertResizeSaga, before: [resize], start: acts('revertResize') },
  {
    saga: rebuildSaga,
    before: [],
    start: (world, id) => acts('rebuild', { imageRef: world.imageId })(world, id),
  },
  { saga: rescueSaga, before: [], start: acts('rescue') },
  { saga: unrescueSaga, before: bare('rescue'), start: acts('unrescue') },
  { saga: shelveSaga, before: [], start: acts('shelve') },
  { saga: offloadSaga, before: bare('shelve'), start: acts('shelveOffload'), options: keepShelved },
  { saga: unshelveSaga, before: bare('shelve'), start: acts('unshelve') },
  { saga: snapshotSaga, before: [], start: acts('createImage', { name: 'snap' }) },
  { saga: backupSaga, before: [], start: acts('createBackup', { name: 'b', backup_type: 'd', rotation: 1 }) },
  {
    saga: attachInterfaceSaga,
    before: [],
    // past the API, whose answer would wait for the saga
    start: async (world, id) => {
      const server = await world.compute.servers.find(id);
      const nic = { portId: randomUUID(), networkId: world.networkId, made: true, fixedIp: null, tag: null };
      const requester = systemRequester(world.compute);
      const input = { interface: nic };
      await beginOperation(requester, server!, rules.attachInterface, attachInterfaceSaga, input);
    },
  },
  {
    saga: detachInterfaceSaga,
    before: [],
    start: async (world, id) => {
      const [port] = await world.network.portsOf([id]);
      expect((await world.send('DELETE', `/servers/${id}/os-interface/${port!.id}`)).status).toBe(202);
    },
  },
];

const databases = sqliteDatabases();
const worlds: ComputeWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A cloud of two hosts with a server brought to where the operation begins. */
function worldOf(operation: Operation): () => Promise<SagaWorld> {
  return async () => {
    const world = await ComputeWorld.open(await databases.open(), {
      hosts: 2,
      options: { quota_instances: -1, ...operation.options },
    });
    worlds.push(world);
    let id = '';
    if (operation.saga !== createSaga) {
      id = await world.makeServer();
      for (const [action, args] of operation.before) await world.act(id, action, args, 'admin');
    }
    return {
      boot: (probe) => world.boot(probe),
      trigger: async () => void (await operation.start(world, id)),
      audit: () => auditWorld(world),
      close: async () => {},
    };
  };
}

/** Nothing without an owner, nobody left in the middle of something, and an ERROR says why. */
async function auditWorld(world: ComputeWorld): Promise<void> {
  expect((await audit(world.compute)).map(({ text }) => text)).toEqual([]);
  const servers = await world.compute.servers.list({ deleted: 'no' });
  for (const server of servers) {
    expect(server.taskState).toBeNull();
    if (server.vmState === 'error') expect(server.fault?.message).toMatch(/made to fail/);
    const guests = world.hypervisors.filter((host) => host.guests.has(server.id));
    expect(guests.length).toBeLessThanOrEqual(1);
    if (server.vmState === 'active') expect(guests[0]?.guests.get(server.id)?.power).toBe('running');
  }
  const queued = [...world.images.images.values()].filter((image) => image.status !== 'active');
  expect(queued).toEqual([]);
}

for (const operation of operations) {
  describe(operation.saga.name, () => {
    test.each(sagaCases(operation.saga).map((c) => [c.title, c] as const))('%s', (_, c) =>
      c.run(worldOf(operation)),
    );
  });
}
