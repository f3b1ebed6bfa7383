import { SimNetDriver } from '#drivers/net/sim/driver.ts';
import { SimFabric } from '#drivers/net/sim/fabric.ts';
import { FakeClock } from '#kit/clock/clock.ts';
import type { Config } from '#kit/config/options.ts';
import { readConfig } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { silentLog } from '#kit/log/log.ts';
import { networkApi } from '#services/network/api.ts';
import { type AssembledNetwork, assembleNetwork } from '#services/network/assembly.ts';
import { networkMigrations } from '#services/network/migrations/migrations.ts';
import { networkOptions } from '#services/network/options.ts';
import type { Network } from '#services/network/service.ts';

import { type ApiClient, type RequestOptions, serveForTest } from './api-client.ts';
import type { Databases } from './databases.ts';
import { personas } from './personas.ts';

type Options = Config<{ network: typeof networkOptions }>['network'];

/** The Network service on a fresh database and a simulated engine. */
export interface TestNetwork {
  readonly service: Network;
  readonly assembled: AssembledNetwork;
  readonly fabric: SimFabric;
  readonly clock: FakeClock;
  readonly database: Database;
  readonly client: ApiClient;
  /** Posts a body under its key and answers what is under it; throws unless it was made. */
  make(collection: string, fields: object, options?: RequestOptions): Promise<Made>;
  close(): Promise<void>;
}

/** What an answer had under its key: tests look into bodies of any shape. */
export type Made = any; // eslint-disable-line typescript/no-explicit-any

/** Network's options as an empty configuration file leaves them. */
export const networkOptionDefaults = (): Options => readConfig({ network: networkOptions }, '').network;

/** Serves Network for a test. */
export async function serveNetwork(
  databases: Databases,
  options: Partial<Options> = {},
): Promise<TestNetwork> {
  const database = await databases.open();
  await migrate(database, networkMigrations, 0);
  const fabric = new SimFabric();
  const clock = new FakeClock();
  const assembled = newNetwork(database, fabric, clock, options);
  const { service } = assembled;
  const { client, close } = await serveForTest(networkApi, service);
  return {
    service,
    assembled,
    fabric,
    clock,
    database,
    client,
    make: (collection, fields, request) => make(client, collection, fields, request),
    async close() {
      await close();
      await service.stop();
    },
  };
}

/** Another control process' Network on the same database and engine. */
export const newNetwork = (
  database: Database,
  fabric: SimFabric,
  clock: FakeClock,
  options: Partial<Options> = {},
): AssembledNetwork =>
  assembleNetwork({
    database,
    clock,
    log: silentLog(),
    options: { ...networkOptionDefaults(), ...options },
    driver: new SimNetDriver(fabric),
  });

async function make(
  client: ApiClient,
  collection: string,
  fields: object,
  request: RequestOptions = { as: 'member' },
): Promise<Made> {
  const name = singular(collection);
  const answer = await client.post(`/${collection}`, { [name]: fields }, request);
  if (answer.status !== 201)
    throw new Error(`POST ${collection}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body[name];
}

const singular = (collection: string): string =>
  collection.replaceAll('-', '_').replace(/ies$/, 'y').replace(/s$/, '');

/** The project most personas are in. */
export const projectA = personas.member.projectId!;
