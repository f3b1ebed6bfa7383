import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Agent } from '#agent/agent.ts';
import { callAgent, controlAddress } from '#contracts/agent.ts';
import type { GuestState } from '#contracts/guest.ts';
import { type Layout, layoutOf } from '#contracts/machine.ts';
import { SimNetDriver } from '#drivers/net/sim/driver.ts';
import { SimFabric } from '#drivers/net/sim/fabric.ts';
import { emptyQcow2 } from '#drivers/virt/sim/qcow2.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { systemClock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { openLog, silentLog } from '#kit/log/log.ts';
import { Crash, type Probe } from '#kit/saga/engine.ts';
import { startSimAgents } from '#main/agents.ts';
import { parseConfig } from '#main/config.ts';
import { type Control, startControl } from '#main/control.ts';
import type { Start } from '#main/processes/start.ts';
import { apis } from '#main/registry.ts';
import { audit } from '#services/compute/loops/audit.ts';

import { type Answer, ApiClient } from './api-client.ts';
import { adminPassword } from './identity.ts';

/** What a test wants different from the default. */
export interface CloudOptions {
  /** How many simulated hosts: `sim-1`, `sim-2` … Default 1. */
  readonly hosts?: number;
  /** More of the configuration file. */
  readonly config?: string;
}

/**
 * A whole cloud in this process: control with every service and its APIs on free ports, and the agents of simulated hosts,
 * on one bus. Control can die and be started again; guests, networks and the database live on.
 */
export class Cloud {
  readonly bus = new MemoryBus();
  control!: Control;
  /** Lets the saga harness interfere. */
  probe: Probe | undefined;
  /** What the cloud is furnished with. */
  imageId = '';
  networkId = '';
  readonly flavorId = '1';
  readonly #database: Database;
  readonly #fabric = new SimFabric();
  readonly #directory = mkdtempSync(join(tmpdir(), 'stratalith-cloud-'));
  readonly #start: Start;
  readonly #clients = new Map<string, ApiClient>();
  readonly #dying: Promise<void>[] = [];
  #agents: Agent[] = [];
  #isDead = false;

  private constructor(database: Database, options: CloudOptions) {
    this.#database = database;
    const layout: Layout = layoutOf(this.#directory);
    mkdirSync(layout.control);
    const config = parseConfig(
      `${options.config ?? ''}\n[drivers]\nvirt = "sim"\nnet = "sim"\n[sim]\nhosts = ${options.hosts ?? 1}\n`,
    );
    const log = process.env.DEBUG_LOG ? openLog({ name: 'test', level: 'warn' }) : silentLog();
    // bcrypt is made to be slow
    const identity = { ...config.identity, password_hash_rounds: 4 };
    this.#start = { layout, settings: { config: { ...config, identity }, account: null }, log };
  }

  static async start(database: Database, options: CloudOptions = {}): Promise<Cloud> {
    const cloud = new Cloud(database, options);
    await cloud.#boot(adminPassword);
    await cloud.#furnish();
    return cloud;
  }

  get identity(): ApiClient {
    return this.#clients.get('identity')!;
  }
  get image(): ApiClient {
    return this.#clients.get('image')!;
  }
  get network(): ApiClient {
    return this.#clients.get('network')!;
  }
  get placement(): ApiClient {
    return this.#clients.get('placement')!;
  }

  /** Kills control: sagas stop where they are, nobody is answered any more. */
  async crash(): Promise<void> {
    this.#isDead = true;
    const stopAnswering = await this.bus.serve(controlAddress, {});
    await stopAnswering();
    await this.control.sagas.idle();
    // who waits for what it was doing is answered once the next one has done it
    this.#dying.push(this.control.stop());
  }

  /** Starts control again, and the agents, as when the machine comes back. */
  async restart(): Promise<void> {
    if (!this.#isDead) await this.crash();
    await this.#stopAgents();
    await this.#boot();
  }

  async close(): Promise<void> {
    if (!this.#isDead) await this.control.stop();
    await Promise.all(this.#dying);
    await this.#stopAgents();
    await this.bus.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Asks Compute as the administrator, in the newest microversion unless told otherwise. */
  compute(method: string, path: string, body?: unknown, version = 'latest'): Promise<Answer> {
    return this.#clients.get('compute')!.send(method, path, {
      headers: { 'openstack-api-version': `compute ${version}` },
      ...(body !== undefined && { body }),
    });
  }

  /** Asks for a server and answers its id, without waiting. */
  async requestServer(changes: object = {}): Promise<string> {
    const { imageId, flavorId, networkId } = this;
    const networks = [{ uuid: networkId }];
    const server = { name: 'vm', imageRef: imageId, flavorRef: flavorId, networks, ...changes };
    const answer = await this.compute('POST', '/servers', { server });
    if (answer.status !== 202) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.server.id;
  }

  /** Makes a server and waits until it is active. */
  async makeServer(changes: object = {}): Promise<string> {
    const id = await this.requestServer(changes);
    await this.control.sagas.idle();
    const shown = await this.show(id);
    if (shown.status !== 'ACTIVE') throw new Error(`${shown.status}: ${JSON.stringify(shown.fault)}`);
    return id;
  }

  // tests look into bodies of any shape
  // eslint-disable-next-line typescript/no-explicit-any
  async show(id: string): Promise<any> {
    return (await this.compute('GET', `/servers/${id}`)).body.server;
  }

  /** Does an action on a server and waits until it is done. */
  async act(id: string, action: string, args: unknown = null, version = 'latest'): Promise<Answer> {
    const answer = await this.compute('POST', `/servers/${id}/action`, { [action]: args }, version);
    await this.control.sagas.idle();
    return answer;
  }

  /** The guests of every host. */
  async guests(): Promise<GuestState[]> {
    const { hosts } = this.#start.settings.config.sim;
    const lists = Array.from({ length: hosts }, (_, i) =>
      callAgent(this.bus, `sim-${i + 1}`, 'guest.list', {}),
    );
    return (await Promise.all(lists)).flat();
  }

  /** Everything of Compute's without an owner, in words. */
  async audit(): Promise<string[]> {
    return (await audit(this.control.compute.service)).map(({ text }) => text);
  }

  async #boot(password?: string): Promise<void> {
    const { layout, settings, log } = this.#start;
    this.#isDead = false;
    this.control = await startControl({
      config: settings.config,
      database: this.#database,
      bus: this.bus,
      clock: systemClock,
      log,
      netDriver: new SimNetDriver(this.#fabric),
      directory: layout.control,
      ...(password !== undefined && { adminPassword: password }),
      ports: Object.fromEntries([...apis.map(({ type }) => [type, 0]), ['console', 0]]),
      probe: (point) => {
        if (this.#isDead) throw new Crash('control was killed');
        return this.probe?.(point);
      },
    });
    this.#agents = await startSimAgents(this.#start, this.bus, this.#fabric);
    await this.#signIn();
  }

  async #stopAgents(): Promise<void> {
    for (const agent of this.#agents.splice(0)) await agent.stop();
  }

  async #signIn(): Promise<void> {
    const origin = (type: string) => `http://127.0.0.1:${this.control.ports[type]}`;
    const identity = new ApiClient(origin('identity'), '/v3');
    const domain = { id: 'default' };
    const user = { name: 'admin', domain, password: adminPassword };
    const scope = { project: { name: 'admin', domain } };
    const auth = { identity: { methods: ['password'], password: { user } }, scope };
    const answer = await identity.post('/auth/tokens', { auth });
    if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    const token = answer.headers.get('x-subject-token')!;
    for (const { type, prefixes } of apis)
      this.#clients.set(type, new ApiClient(origin(type), prefixes[0] ?? '', token));
  }

  /** An image, a network with a subnet, and a flavor. */
  async #furnish(): Promise<void> {
    const created = await this.image.post('/images', {
      name: 'tiny',
      disk_format: 'qcow2',
      container_format: 'bare',
    });
    this.imageId = created.body.id;
    const uploaded = await this.image.put(`/images/${this.imageId}/file`, emptyQcow2(2 ** 20), {
      headers: { 'content-type': 'application/octet-stream' },
    });
    if (uploaded.status !== 204) throw new Error(`${uploaded.status} ${JSON.stringify(uploaded.body)}`);
    const network = await this.network.post('/networks', { network: { name: 'private' } });
    this.networkId = network.body.network.id;
    const subnet = {
      network_id: this.networkId,
      ip_version: 4,
      cidr: '10.0.0.0/24',
      // the addresses below it are named by tests, so none of them may be handed out by chance
      allocation_pools: [{ start: '10.0.0.100', end: '10.0.0.254' }],
    };
    await this.network.post('/subnets', { subnet });
    const flavor = { id: this.flavorId, name: 'm1.tiny', ram: 512, vcpus: 1, disk: 1 };
    await this.compute('POST', '/flavors', { flavor });
  }
}
