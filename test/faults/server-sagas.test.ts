import { randomUUID } from 'node:crypto';

import { afterEach, describe, expect, test } from 'vitest';

import type { PowerState } from '#contracts/guest.ts';
import { sagaCases, type SagaWorld } from '#kit/saga/harness.ts';
import type { Saga } from '#kit/saga/saga.ts';
import { cacheImagesSaga } from '#services/compute/aggregates/cache-images.saga.ts';
import { attachInterfaceSaga, detachInterfaceSaga } from '#services/compute/interfaces/interface.saga.ts';
import { systemRequester } from '#services/compute/loops/system-requester.ts';
import { beginOperation } from '#services/compute/operations/begin.ts';
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
} from '#services/compute/server-actions/power.saga.ts';
import { rebuildSaga } from '#services/compute/server-actions/rebuild.saga.ts';
import { rescueSaga, unrescueSaga } from '#services/compute/server-actions/rescue.saga.ts';
import {
  confirmResizeSaga,
  resizeSaga,
  revertResizeSaga,
} from '#services/compute/server-actions/resize.saga.ts';
import {
  offloadSaga,
  shelveSaga,
  unshelveHereSaga,
  unshelveSaga,
} from '#services/compute/server-actions/shelve.saga.ts';
import { backupSaga, snapshotSaga } from '#services/compute/server-actions/snapshot.saga.ts';
import { createSaga } from '#services/compute/servers/create.saga.ts';
import { deleteSaga } from '#services/compute/servers/delete.saga.ts';
import { rules } from '#services/compute/servers/state.ts';
import { Cloud } from '#test/support/cloud.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

/** One saga: what comes before it, and the request that starts it. */
interface Operation {
  readonly saga: Saga<unknown, unknown>;
  /** Actions, each waited for, that bring a new server where the saga begins; none for a saga that makes it. */
  readonly before: readonly [action: string, args: unknown][];
  readonly start: (cloud: Cloud, id: string) => Promise<unknown>;
  /** More of the configuration file's `[compute]`. */
  readonly config?: string;
}

const bare = (...actions: string[]): [string, unknown][] => actions.map((action) => [action, null]);
/** Does an action without waiting for its end. */
const acts =
  (action: string, args: unknown = null) =>
  async (cloud: Cloud, id: string) => {
    const answer = await cloud.compute('POST', `/servers/${id}/action`, { [action]: args });
    expect([action, answer.status]).toEqual([action, expect.toBeOneOf([200, 202, 204])]);
  };
const resize: [string, unknown] = ['resize', { flavorRef: 'bigger' }];
const keepShelved = 'shelved_offload_time = -1';

const operations: readonly Operation[] = [
  { saga: createSaga, before: [], start: (cloud) => cloud.requestServer() },
  {
    saga: deleteSaga,
    before: [],
    start: async (cloud, id) => expect((await cloud.compute('DELETE', `/servers/${id}`)).status).toBe(204),
  },
  { saga: stopSaga, before: [], start: acts('os-stop') },
  { saga: startSaga, before: bare('os-stop'), start: acts('os-start') },
  { saga: pauseSaga, before: [], start: acts('pause') },
  { saga: unpauseSaga, before: bare('pause'), start: acts('unpause') },
  { saga: suspendSaga, before: [], start: acts('suspend') },
  { saga: resumeSaga, before: bare('suspend'), start: acts('resume') },
  { saga: softRebootSaga, before: [], start: acts('reboot', { type: 'SOFT' }) },
  { saga: hardRebootSaga, before: [], start: acts('reboot', { type: 'HARD' }) },
  { saga: crashDumpSaga, before: [], start: acts('trigger_crash_dump') },
  { saga: resizeSaga, before: [], start: acts(...resize) },
  { saga: confirmResizeSaga, before: [resize], start: acts('confirmResize') },
  { saga: revertResizeSaga, before: [resize], start: acts('revertResize') },
  {
    saga: rebuildSaga,
    before: [],
    start: (cloud, id) => acts('rebuild', { imageRef: cloud.imageId })(cloud, id),
  },
  { saga: rescueSaga, before: [], start: acts('rescue') },
  { saga: rescueSaga, before: bare('os-stop'), start: acts('rescue') },
  { saga: unrescueSaga, before: bare('rescue'), start: acts('unrescue') },
  { saga: shelveSaga, before: [], start: acts('shelve') },
  { saga: shelveSaga, before: bare('suspend'), start: acts('shelve') },
  { saga: offloadSaga, before: bare('shelve'), start: acts('shelveOffload'), config: keepShelved },
  { saga: unshelveSaga, before: bare('shelve'), start: acts('unshelve') },
  { saga: unshelveHereSaga, before: bare('shelve'), start: acts('unshelve'), config: keepShelved },
  { saga: snapshotSaga, before: [], start: acts('createImage', { name: 'snap' }) },
  { saga: backupSaga, before: [], start: acts('createBackup', { name: 'b', backup_type: 'd', rotation: 1 }) },
  {
    saga: attachInterfaceSaga,
    before: [],
    // past the API, whose answer would wait for the saga
    start: async (cloud, id) => {
      const { service: compute } = cloud.control.compute;
      const server = await compute.servers.find(id);
      const { networkId } = cloud;
      const nic = { portId: randomUUID(), networkId, made: true, fixedIp: null, tag: null };
      const input = { interface: nic };
      const requester = systemRequester(compute);
      await beginOperation(requester, server!, rules.attachInterface, attachInterfaceSaga, input);
    },
  },
  {
    saga: detachInterfaceSaga,
    before: [],
    start: async (cloud, id) => {
      const [port] = await cloud.control.network.contract.portsOf([id]);
      const answer = await cloud.compute('DELETE', `/servers/${id}/os-interface/${port!.id}`);
      expect(answer.status).toBe(202);
    },
  },
  {
    saga: cacheImagesSaga,
    before: [],
    start: async (cloud) => {
      const { aggregate } = (await cloud.compute('POST', '/os-aggregates', { aggregate: { name: 'all' } }))
        .body;
      const path = `/os-aggregates/${aggregate.id}`;
      const { hosts } = cloud.control.compute.service;
      for (const { name } of await hosts.list())
        await cloud.compute('POST', `${path}/action`, { add_host: { host: name } });
      const answer = await cloud.compute('POST', `${path}/images`, { cache: [{ id: cloud.imageId }] });
      expect(answer.status).toBe(202);
    },
  },
];

const databases = sqliteDatabases();
const clouds: Cloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
});

/** A cloud of two hosts with a server brought to where the operation begins. */
function worldOf(operation: Operation): () => Promise<SagaWorld> {
  return async () => {
    const config = `[compute]\nquota_instances = -1\n${operation.config ?? ''}`;
    const cloud = await Cloud.start(await databases.open(), { hosts: 2, config });
    clouds.push(cloud);
    const flavor = { id: 'bigger', name: 'bigger', ram: 1024, vcpus: 2, disk: 2 };
    await cloud.compute('POST', '/flavors', { flavor });
    let id = '';
    if (operation.saga !== createSaga) {
      id = await cloud.makeServer();
      for (const [action, args] of operation.before) await cloud.act(id, action, args);
    }
    return {
      boot: async (probe) => {
        cloud.probe = probe;
        if (!probe) await cloud.restart();
        return cloud.control.sagas;
      },
      trigger: async () => void (await operation.start(cloud, id)),
      audit: () => auditCloud(cloud),
      close: async () => {},
    };
  };
}

/** What the guest of a server is; in states that are left out there need not be one. */
const powerOf: Readonly<Record<string, PowerState>> = {
  active: 'running',
  rescued: 'running',
  paused: 'paused',
  stopped: 'shutdown',
  suspended: 'suspended',
};

/** Nothing without an owner, nobody left in the middle of something, and an ERROR says why. */
async function auditCloud(cloud: Cloud): Promise<void> {
  // agents that are back may have begun what mends a server
  await expect.poll(() => cloud.audit()).toEqual([]);
  const servers = await cloud.control.compute.service.servers.list({ deleted: 'no' });
  const guests = await cloud.guests();
  for (const server of servers) {
    if (server.vmState === 'error') expect(server.fault?.message).toMatch(/made to fail/);
    const own = guests.filter((guest) => guest.id === server.id);
    expect(own.length).toBeLessThanOrEqual(1);
    const power = powerOf[server.vmState];
    if (power) expect([server.vmState, own[0]?.power]).toEqual([server.vmState, power]);
  }
  const { images } = (await cloud.image.get('/images')).body as { images: { status: string }[] };
  expect(images.filter(({ status }) => status !== 'active')).toEqual([]);
}

test('every saga of Compute is tried', async () => {
  const cloud = await Cloud.start(await databases.open());
  clouds.push(cloud);
  const registered = cloud.control.sagas.names.filter((name) => name.startsWith('compute.'));
  expect(new Set(operations.map(({ saga }) => saga.name))).toEqual(new Set(registered));
});

for (const operation of operations) {
  const after = operation.before.map(([action]) => ` after ${action}`).join('');
  describe(`${operation.saga.name}${after}`, () => {
    test.each(sagaCases(operation.saga).map((c) => [c.title, c] as const))('%s', (_, c) =>
      c.run(worldOf(operation)),
    );
  });
}
