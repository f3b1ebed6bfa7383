import { join } from 'node:path';

import { castAgent, controlAddress } from '#contracts/agent.ts';
import type { IdentityContract } from '#contracts/identity.ts';
import { publicUrl, type ServiceName } from '#contracts/machine.ts';
import type { PeerApi } from '#contracts/peer.ts';
import type { NetDriver } from '#drivers/net/driver.ts';
import { Policy } from '#kit/auth/policy.ts';
import type { Bus } from '#kit/bus/bus.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate, type Migration } from '#kit/db/migrations.ts';
import type { Api } from '#kit/http/api.ts';
import { type ApiServer, type Page, serve } from '#kit/http/server.ts';
import type { Logger } from '#kit/log/log.ts';
import { Loops } from '#kit/loop/loops.ts';
import { Metrics } from '#kit/metrics/metrics.ts';
import { type Probe, SagaEngine } from '#kit/saga/engine.ts';
import { sagaMigrations } from '#kit/saga/journal.ts';
import { computeApi } from '#services/compute/api.ts';
import { assembleCompute, type AssembledCompute } from '#services/compute/assembly.ts';
import { computeMigrations } from '#services/compute/migrations/migrations.ts';
import { identityApi } from '#services/identity/api.ts';
import { assembleIdentity, type AssembledIdentity } from '#services/identity/assembly.ts';
import { bootstrap } from '#services/identity/bootstrap.ts';
import { identityMigrations } from '#services/identity/migrations/migrations.ts';
import { imageApi } from '#services/image/api.ts';
import { assembleImage, type AssembledImage } from '#services/image/assembly.ts';
import { imageMigrations } from '#services/image/migrations/migrations.ts';
import { networkApi } from '#services/network/api.ts';
import { assembleNetwork, type AssembledNetwork } from '#services/network/assembly.ts';
import { networkMigrations } from '#services/network/migrations/migrations.ts';
import { placementApi } from '#services/placement/api.ts';
import { assemblePlacement, type AssembledPlacement } from '#services/placement/assembly.ts';
import { placementMigrations } from '#services/placement/migrations/migrations.ts';

import { catalogOf } from './catalog.ts';
import type { StratalithConfig } from './config.ts';

/** What a control process is made of. */
export interface ControlParts {
  readonly config: StratalithConfig;
  readonly database: Database;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly netDriver: NetDriver;
  /** Absolute path of control's own directory: keys, images, policy files. */
  readonly directory: string;
  /** What the first administrator's password is when the database is new; see `Settings`. Left out: no bootstrap. */
  readonly adminPassword?: string;
  /** Ports by service type instead of the configured ones; 0 takes any free one. For tests. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Lets the saga harness interfere. */
  readonly probe?: Probe;
}

/** Every service, put together. */
interface Services {
  readonly identity: AssembledIdentity;
  readonly placement: AssembledPlacement;
  readonly image: AssembledImage;
  readonly network: AssembledNetwork;
  readonly compute: AssembledCompute;
}

/** A running control process. */
export interface Control extends Services {
  readonly sagas: SagaEngine;
  readonly loops: Loops;
  readonly metrics: Metrics;
  /** Port actually listened on, by service type. */
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const migrations: readonly Migration[] = [
  ...sagaMigrations,
  ...identityMigrations,
  ...placementMigrations,
  ...imageMigrations,
  ...networkMigrations,
  ...computeMigrations,
];

/** Wires every service, resumes what was left unfinished, and serves the APIs. */
export async function startControl(parts: ControlParts): Promise<Control> {
  const { config, database, bus, clock, log } = parts;
  await migrate(database, migrations, clock.now());
  const metrics = new Metrics();
  const loops = new Loops(log, metrics);
  const sagas = new SagaEngine({
    database,
    clock,
    log,
    alone: database.kind === 'sqlite',
    ...(parts.probe && { probe: parts.probe }),
  });
  const servers = new Map<string, ApiServer>();
  const services = assembleServices(parts, sagas, servers);
  const { identity, image, network, compute } = services;
  loops.add(...identity.loops, ...image.loops, ...network.loops, ...compute.loops);
  await bootstrapIdentity(parts, identity);
  await image.service.begin();
  await compute.begin();
  const stopAnswering = await bus.serve(controlAddress, {
    ...image.busHandlers,
    ...network.busHandlers,
    ...compute.busHandlers,
  });
  await sagas.begin();
  await openApis(parts, services, metrics, servers);
  const consoles = await compute.startConsoleProxy({
    host: config.api.listen,
    port: parts.ports?.console ?? config.ports.console,
  });
  loops.start();
  // the engine may have changed, or be empty, since the last process
  void loops.runOnce('network.convergence');
  return {
    ...services,
    sagas,
    loops,
    metrics,
    ports: Object.fromEntries([...servers].map(([type, server]) => [type, server.port])),
    async stop() {
      await Promise.all([...servers.values(), consoles].map((server) => server.close()));
      await loops.stop();
      await sagas.stop();
      await stopAnswering();
      await network.service.stop();
      await image.service.stop();
    },
  };
}

/** Puts the services together, each with the contracts of those it works with. `servers` will hold their APIs. */
function assembleServices(
  parts: ControlParts,
  sagas: SagaEngine,
  servers: ReadonlyMap<string, ApiServer>,
): Services {
  const { config, database, bus, clock, log, directory } = parts;
  const identity = assembleIdentity({
    database,
    clock,
    options: config.identity,
    keyDirectory: join(directory, 'fernet-keys'),
    credentialKeyDirectory: join(directory, 'credential-keys'),
  });
  const placement = assemblePlacement({ database, clock, options: config.placement });
  const image = assembleImage({
    database,
    clock,
    log: log.child({ service: 'image' }),
    sagas,
    options: config.image,
    directory: join(directory, 'images'),
  });
  const network = assembleNetwork({ database, clock, log, options: config.network, driver: parts.netDriver });
  // an agent that cannot be told looks by itself in a while
  network.service.onHostRewired((host) => void castAgent(bus, host, 'metadata.refresh', {}).catch(() => {}));
  const peer = (name: ServiceName): PeerApi => ({
    url: publicUrl(config, name),
    ask: (request) => servers.get(name)!.ask(request),
  });
  const compute = assembleCompute({
    database,
    clock,
    log: log.child({ service: 'compute' }),
    bus,
    sagas,
    options: config.compute,
    identity: identity.contract,
    image: image.contract,
    placement: placement.contract,
    network: network.contract,
    peers: { network: peer('network'), image: peer('image') },
    consoleUrl: config.compute.console_url || publicUrl(config, 'console'),
  });
  return { identity, placement, image, network, compute };
}

async function bootstrapIdentity(
  { config, adminPassword }: ControlParts,
  { service }: AssembledIdentity,
): Promise<void> {
  if (adminPassword === undefined) return;
  await bootstrap(service, { adminPassword, region: config.api.region, endpoints: catalogOf(config) });
}

/** Serves every API, one after the other, and notes each in `servers`. */
async function openApis(
  parts: ControlParts,
  { identity, placement, image, network, compute }: Services,
  metrics: Metrics,
  servers: Map<string, ApiServer>,
): Promise<void> {
  const open = async <Service>(api: Api<Service>, service: Service) =>
    void servers.set(api.type, await openApi(parts, metrics, identity.contract, api, service));
  await open(identityApi, identity.service);
  await open(placementApi, placement.service);
  await open(imageApi, image.service);
  await open(networkApi, network.service);
  await open(computeApi, compute.service);
}

function openApi<Service>(
  parts: ControlParts,
  metrics: Metrics,
  { authenticate }: IdentityContract,
  api: Api<Service>,
  service: Service,
): Promise<ApiServer> {
  const { config, log } = parts;
  const policy = new Policy(api.policies, {
    ...(api.policyChecks && { custom: api.policyChecks }),
    file: join(parts.directory, 'policy', `${api.type}.yaml`),
    onProblem: (problem) => log.error({ service: api.type }, problem),
  });
  const host = config.api.listen;
  return serve(
    {
      api,
      service,
      policy,
      authenticate,
      log: log.child({ service: api.type }),
      authUri: publicUrl(config, 'identity'),
      onAnswer: (route, method, status, ms) => {
        const labels = { service: api.type, method, route, status };
        metrics.observe('stratalith_request_ms', 'Duration of API requests.', ms, labels);
      },
    },
    { host, port: parts.ports?.[api.type] ?? config.ports[api.type as ServiceName] },
    pagesOf(metrics),
  );
}

/** Pages beside every API: whether it is well, and, to callers on this machine, its metrics. */
const pagesOf = (metrics: Metrics): Page[] => [
  { path: '/healthcheck', render: () => ({ contentType: 'text/plain', body: 'OK' }) },
  {
    path: '/metrics',
    render: (remote) =>
      remote === '127.0.0.1' || remote === '::1' || remote === '::ffff:127.0.0.1'
        ? { contentType: 'text/plain; version=0.0.4', body: metrics.render() }
        : undefined,
  },
];
