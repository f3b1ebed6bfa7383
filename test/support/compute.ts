import type { HostFacts } from '#contracts/guest.ts';
import type { NetworkContract } from '#contracts/network.ts';
import type { PeerApi } from '#contracts/peer.ts';
import type { HostProvider, PlacementContract } from '#contracts/placement.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { type Clock, systemClock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { silentLog } from '#kit/log/log.ts';
import { SagaEngine } from '#kit/saga/engine.ts';
import { sagaMigrations } from '#kit/saga/journal.ts';
import { computeApi } from '#services/compute/api.ts';
import { type AssembledCompute, assembleCompute } from '#services/compute/assembly.ts';
import { computeMigrations } from '#services/compute/migrations/migrations.ts';
import { computeOptions } from '#services/compute/options.ts';
import type { Compute, ComputeParts } from '#services/compute/service.ts';

import { type ApiClient, serveForTest } from './api-client.ts';
import { personas } from './personas.ts';

/** Compute on a database of its own, served; other services are stood in for. */
export interface ComputeForTest {
  readonly compute: Compute;
  readonly assembled: AssembledCompute;
  readonly bus: MemoryBus;
  readonly client: ApiClient;
  close(): Promise<void>;
}

/** What a test wants different from the default. */
export interface ComputeTestOptions {
  readonly clock?: Clock;
  readonly options?: Partial<Values<typeof computeOptions>>;
  readonly parts?: Partial<
    Pick<ComputeParts, 'identity' | 'image' | 'network' | 'peers' | 'placement' | 'consoleUrl'>
  >;
}

/** Starts Compute for a test. Calls of a contract that the test did not stand in for throw, naming what was called. */
export async function startCompute(
  database: Database,
  wanted: ComputeTestOptions = {},
): Promise<ComputeForTest> {
  const clock = wanted.clock ?? systemClock;
  await migrate(database, [...sagaMigrations, ...computeMigrations], clock.now());
  const bus = new MemoryBus();
  const log = silentLog();
  const sagas = new SagaEngine({ database, clock, log, alone: true });
  const assembled = assembleCompute({
    database,
    clock,
    log,
    bus,
    sagas,
    options: { ...defaults(), ...wanted.options },
    identity: projectsOfPersonas,
    image: absent('image'),
    peers: { network: absent<PeerApi>('the API of network'), image: absent<PeerApi>('the API of image') },
    consoleUrl: 'http://127.0.0.1:6080',
    placement: absent<PlacementContract>('placement', { standardTraits: new Set() }),
    ...wanted.parts,
    network: quiet(wanted.parts?.network ?? absent<NetworkContract>('network')),
  });
  await assembled.begin();
  const { service: compute } = assembled;
  const { client, close } = await serveForTest(computeApi, compute);
  return {
    compute,
    assembled,
    bus,
    client,
    async close() {
      await close();
      await sagas.stop();
      await bus.close();
    },
  };
}

const defaults = () =>
  Object.fromEntries(
    Object.entries(computeOptions).map(([name, option]) => [name, option.default]),
  ) as unknown as Values<typeof computeOptions>;

/** Identity as Compute sees it: the projects of the personas exist. */
const projectsOfPersonas: ComputeParts['identity'] = {
  authenticate: () => {
    throw new Error('tokens are the personas');
  },
  async project(id) {
    const known = Object.values(personas).some((p) => 'projectId' in p && p.projectId === id);
    return known ? { id, name: id, domainId: 'default', enabled: true } : undefined;
  },
};

/** A network of whose ports nothing is heard, unless the test says otherwise. */
const quiet = (network: NetworkContract): NetworkContract =>
  'onPort' in network
    ? network
    : new Proxy(network as NetworkContract, {
        get: (target, name) => (name === 'onPort' ? () => {} : target[name as keyof NetworkContract]),
      });

/** A contract of which only what is in `present` may be used. */
export const absent = <T extends object>(service: string, present: Partial<T> = {}): T =>
  new Proxy(present as T, {
    get: (target, name) => {
      if (name in target) return target[name as keyof T];
      throw new Error(`the test did not expect ${service}.${String(name)}`);
    },
  });

/** Another service's API that a test serves, as Compute asks it. */
export const peerAt = (client: ApiClient): PeerApi => ({
  url: client.origin,
  ask: ({ method, path, headers, body }) =>
    client.send(method, `/${path}`, {
      headers,
      body,
      ...(headers['x-auth-token'] && { as: headers['x-auth-token'] }),
    }),
});

/** Headers that ask for a microversion. */
export const asVersion = (version: string): { headers: Record<string, string> } => ({
  headers: { 'openstack-api-version': `compute ${version}` },
});

/** What a host of a test has. */
export const hostFacts = (changes: Partial<HostFacts> = {}): HostFacts => ({
  hypervisorType: 'QEMU',
  hypervisorVersion: 7_002_001,
  vcpus: 8,
  memoryMb: 16_384,
  memoryUsedMb: 1000,
  diskGb: 100,
  diskFreeGb: 90,
  architecture: 'x86_64',
  cpu: {
    arch: 'x86_64',
    model: 'qemu64',
    vendor: 'AMD',
    features: ['sse'],
    topology: { cells: 1, sockets: 1, cores: 8, threads: 1 },
  },
  acceleration: 'tcg',
  traits: ['COMPUTE_NODE'],
  uptime: '11:00:00 up 1 day',
  ...changes,
});

/** Placement that notes what Compute tells it. */
export class PlacementNotes {
  readonly providers = new Map<string, HostProvider>();
  readonly aggregates = new Map<string, readonly string[]>();
  /** Calls by name. */
  readonly calls: string[] = [];

  readonly contract: PlacementContract = absent<PlacementContract>('placement', {
    standardTraits: new Set(),
    reportHost: async (host) => {
      this.calls.push('reportHost');
      this.providers.set(host.uuid, host);
    },
    removeHost: async (uuid) => {
      this.calls.push('removeHost');
      this.providers.delete(uuid);
    },
    setAggregates: async (provider, aggregates) => {
      this.calls.push('setAggregates');
      this.aggregates.set(provider, aggregates);
    },
  });
}

/** Lets a host say hello, as its agent would. */
export const sayHello = ({ assembled }: ComputeForTest, host: string, facts: HostFacts = hostFacts()) =>
  assembled.busHandlers['agent.hello']!({ host, version: '1.0', facts, guests: [] });
