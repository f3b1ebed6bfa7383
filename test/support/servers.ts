import { randomUUID } from 'node:crypto';

import type { Server } from '#services/compute/servers/server.ts';
import type { Compute } from '#services/compute/service.ts';

let count = 0;

/** A server as it would be after an ordinary create, for tests that only need one to be there. */
export function aServer(changes: Partial<Server> = {}): Server {
  const number = ++count;
  return {
    id: randomUUID(),
    number,
    projectId: 'project-a',
    userId: 'member-user',
    name: `server-${number}`,
    description: null,
    hostname: `server-${number}`,
    host: 'h1',
    node: 'h1',
    vmState: 'active',
    taskState: null,
    operation: null,
    powerState: 1,
    progress: 0,
    flavor: {
      id: '1',
      name: 'small',
      vcpus: 1,
      memoryMb: 512,
      rootGb: 1,
      ephemeralGb: 0,
      swapMb: 0,
      extraSpecs: {},
    },
    oldFlavor: null,
    imageRef: '',
    image: {
      id: '',
      format: 'qcow2',
      size: 0,
      hash: null,
      containerFormat: 'bare',
      minDisk: 0,
      minRam: 0,
      properties: {},
    },
    keyName: null,
    keyData: null,
    availabilityZone: 'nova',
    pinnedAvailabilityZone: null,
    configDrive: false,
    autoDiskConfig: false,
    rootDeviceName: '/dev/vda',
    accessIpV4: null,
    accessIpV6: null,
    locked: false,
    lockedBy: null,
    lockedReason: null,
    reservationId: 'r-1',
    launchIndex: 0,
    launchedAt: 0,
    terminatedAt: null,
    createdAt: 0,
    updatedAt: 0,
    deletedAt: null,
    fault: null,
    metadata: {},
    tags: [],
    systemMetadata: {},
    hints: {},
    trustedCerts: null,
    interfaces: [],
    blockDevices: [],
    injectedFiles: [],
    userData: null,
    ...changes,
  };
}

/** Makes servers be there without anything having made them. */
export async function putServers(compute: Compute, ...servers: Partial<Server>[]): Promise<Server[]> {
  const all = servers.map(aServer);
  await compute.parts.database.transaction(async (trx) => {
    for (const server of all) await compute.servers.insert(trx as never, server);
  });
  return all;
}
