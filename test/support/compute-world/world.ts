import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Agent, startAgent } from '#agent/agent.ts';
import { controlAddress } from '#contracts/agent.ts';
import type { PeerApi } from '#contracts/peer.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import { SimVirtDriver } from '#drivers/virt/sim/driver.ts';
import { SimHypervisor, type SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { systemClock } from '#kit/clock/clock.ts';
import type { Section, Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { openLog, silentLog } from '#kit/log/log.ts';
import { type Probe, SagaEngine } from '#kit/saga/engine.ts';
import { sagaMigrations } from '#kit/saga/journal.ts';
import { computeApi } from '#services/compute/api.ts';
import { type AssembledCompute, assembleCompute } from '#services/compute/assembly.ts';
import { computeMigrations } from '#services/compute/migrations/migrations.ts';
import { computeOptions } from '#services/compute/options.ts';
import type { Compute } from '#services/compute/service.ts';
import { assemblePlacement } from '#services/placement/assembly.ts';
import { placementMigrations } from '#services/placement/migrations/migrations.ts';
import { placementOptions } from '#services/placement/options.ts';

import { type Answer, type ApiClient, type RequestOptions, serveForTest } from '../api-client.ts';
import { ImagesInMemory } from './images.ts';
import { NetworkInMemory } from './network.ts';

/** What a test wants different from the default. */
export interface WorldOptions {
  /** Names of the simulated hosts, or how many. Default 1. */
  readonly hosts?: number | readonly string[];
  readonly options?: Partial<Values<typeof computeOptions>>;
  readonly hypervisor?: Omit<SimHypervisorOptions, 'name'>;
}

/**
 * Compute with real Placement, real agents and simulated hypervisors; images and networks are kept in memory. Control can
 * die and be booted again: everything else lives on.
 */
export class ComputeWorld {
  readonly bus = new MemoryBus();
  readonly images = new ImagesInMemory();
  readonly network = new NetworkInMemory();
  readonly hypervisors: SimHypervisor[] = [];
  readonly imageId = randomUUID();
  readonly networkId = randomUUID();
  compute!: Compute;
  assembled!: AssembledCompute;
  sagas!: SagaEngine;
  client!: ApiClient;
  readonly #database: Database;
  readonly #wanted: WorldOptions;
  readonly #directory = mkdtempSync(join(tmpdir(), 'stratalith-world-'));
  readonly #agents: Agent[] = [];
  readonly #halting: Promise<void>[] = [];
  #halt: (() => Promise<void>) | undefined;

  private constructor(database: Database, wanted: WorldOptions) {
    this.#database = database;
    this.#wanted = wanted;
  }

  /** Boots a world with an image, a network of project-a's, and flavors `1` and `2`. */
  static async open(database: Database, wanted: WorldOptions = {}, probe?: Probe): Promise<ComputeWorld> {
    await migrate(database, [...sagaMigrations, ...placementMigrations, ...computeMigrations], Date.now());
    const world = new ComputeWorld(database, wanted);
    world.images.put({ id: world.imageId });
    world.network.put({ id: world.networkId });
    await world.boot(probe);
    const { hosts = 1 } = wanted;
    const names =
      typeof hosts === 'number' ? Array.from({ length: hosts }, (_, i) => `host-${i + 1}`) : hosts;
    for (const name of names) await world.#startHost(name);
    await world.makeFlavor('1', {});
    await world.makeFlavor('2', { memoryMb: 1024, vcpus: 2, rootGb: 2 });
    return world;
  }

  /** Starts control, or starts it again after it died. */
  async boot(probe?: Probe): Promise<SagaEngine> {
    // requests that wait for what the dead control was doing are answered once the new one has done it
    if (this.#halt) this.#halting.push(this.#halt());
    const log = process.env.DEBUG_LOG ? openLog({ name: 'test', level: 'warn' }) : silentLog();
    const database = this.#database;
    const sagas = new SagaEngine({
      database,
      clock: systemClock,
      log,
      alone: true,
      undoTries: 3,
      ...(probe && { probe }),
    });
    const placement = assemblePlacement({
      database,
      clock: systemClock,
      options: defaultsOf(placementOptions),
    });
    const assembled = assembleCompute({
      database,
      clock: systemClock,
      log,
      bus: this.bus,
      sagas,
      options: { ...defaultsOf(computeOptions), ...this.#wanted.options },
      identity: {
        authenticate: () => {
          throw new Error('tokens are the personas');
        },
        project: async (id) => ({ id, name: id, domainId: 'default', enabled: true }),
      },
      image: this.images,
      network: this.network,
      peers: { network: noPeer, image: noPeer },
      placement: placement.contract,
      consoleUrl: 'http://127.0.0.1:6080',
    });
    await assembled.begin();
    const stopServing = await this.bus.serve(controlAddress, {
      ...assembled.busHandlers,
      'image.write': async ({ id, offset, data }: { id: string; offset: number; data: Uint8Array }) =>
        this.images.write(id, offset, data),
      'image.finish': async ({ id }: { id: string }) => this.images.finish(id),
      'metadata.networks': async () => [],
    });
    for (const hypervisor of this.hypervisors) await this.#greet(assembled, hypervisor);
    await sagas.begin();
    const { service: compute } = assembled;
    const { client, close } = await serveForTest(computeApi, compute);
    Object.assign(this, { compute, assembled, sagas, client });
    this.#halt = async () => {
      await close();
      await stopServing();
      await sagas.stop();
    };
    return sagas;
  }

  async close(): Promise<void> {
    await this.#halt?.();
    await Promise.all(this.#halting);
    for (const agent of this.#agents) await agent.stop();
    await this.bus.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Adds a flavor of 512 MB, one CPU and one gigabyte, but for what is given. */
  async makeFlavor(
    id: string,
    changes: { memoryMb?: number; vcpus?: number; rootGb?: number; extraSpecs?: Record<string, string> },
  ): Promise<void> {
    const { extraSpecs, ...sizes } = changes;
    const flavor = await this.compute.flavors.insert({
      flavorId: id,
      name: `flavor-${id}`,
      description: null,
      memoryMb: 512,
      vcpus: 1,
      rootGb: 1,
      ephemeralGb: 0,
      swapMb: 0,
      rxtxFactor: 1,
      isPublic: true,
      createdAt: Date.now(),
      ...sizes,
    });
    if (extraSpecs && typeof flavor === 'object')
      await this.compute.flavors.setExtraSpecs(flavor.id, extraSpecs);
  }

  /** Sends a request as a member of project-a, unless told otherwise, in the newest microversion. */
  send(
    method: string,
    path: string,
    body?: unknown,
    options: { as?: string; version?: string } = {},
  ): Promise<Answer> {
    const request: RequestOptions = {
      as: options.as ?? 'member',
      headers: { 'openstack-api-version': `compute ${options.version ?? 'latest'}` },
      ...(body !== undefined && { body }),
    };
    return this.client.send(method, path, request);
  }

  /** Asks for a server and answers its id, without waiting. */
  async requestServer(changes: object = {}, body: object = {}): Promise<string> {
    const server = {
      name: 'vm',
      imageRef: this.imageId,
      flavorRef: '1',
      networks: [{ uuid: this.networkId }],
      ...changes,
    };
    const answer = await this.send('POST', '/servers', { server, ...body });
    if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.server.id;
  }

  /** Makes a server and waits until it is active. */
  async makeServer(changes: object = {}, body: object = {}): Promise<string> {
    const id = await this.requestServer(changes, body);
    await this.sagas.idle();
    const shown = await this.show(id);
    if (shown.status !== 'ACTIVE') throw new Error(`${shown.status}: ${JSON.stringify(shown.fault)}`);
    return id;
  }

  /** A server as an administrator sees it. */
  // tests look into bodies of any shape
  // eslint-disable-next-line typescript/no-explicit-any
  async show(id: string): Promise<any> {
    return (await this.send('GET', `/servers/${id}`, undefined, { as: 'admin' })).body.server;
  }

  /** Does an action and waits until it is done; answers its status. */
  async act(id: string, action: string, args: unknown = null, as = 'member'): Promise<Answer> {
    const answer = await this.send('POST', `/servers/${id}/action`, { [action]: args }, { as });
    await this.sagas.idle();
    return answer;
  }

  async #startHost(name: string): Promise<void> {
    const hypervisor = new SimHypervisor({ ...this.#wanted.hypervisor, name });
    this.hypervisors.push(hypervisor);
    this.#agents.push(
      await startAgent({
        bus: this.bus,
        host: name,
        virt: new SimVirtDriver(hypervisor),
        net: noNetwork,
        directory: join(this.#directory, name),
        log: silentLog(),
        version: 'test',
      }),
    );
  }

  /** What an agent does once control is there again, without the wait. */
  async #greet({ busHandlers }: AssembledCompute, hypervisor: SimHypervisor): Promise<void> {
    const guests = await new SimVirtDriver(hypervisor).list();
    await busHandlers['agent.hello']!({
      host: hypervisor.name,
      version: 'test',
      facts: hypervisor.facts(),
      guests,
    });
  }
}

const defaultsOf = <S extends Section>(section: S): Values<S> =>
  Object.fromEntries(
    Object.entries(section).map(([name, option]) => [name, option.default]),
  ) as unknown as Values<S>;

/** The old proxies have nothing behind them. */
const noPeer: PeerApi = {
  url: 'http://127.0.0.1:1',
  ask: async () => ({ status: 404, body: 'nothing' }),
};

/** Nothing is plugged anywhere. */
const noNetwork: NetHost = {
  name: 'none',
  plug: async () => ({ tap: null }),
  unplug: async () => {},
  plugged: async () => [],
  serveMetadata: async () => {},
  orphans: async () => [],
  removeOrphan: async () => {},
  close: async () => {},
};
