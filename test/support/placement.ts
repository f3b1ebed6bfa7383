import { systemClock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { placementApi } from '#services/placement/api.ts';
import { type AssembledPlacement, assemblePlacement } from '#services/placement/assembly.ts';
import { placementMigrations } from '#services/placement/migrations/migrations.ts';
import { placementOptions } from '#services/placement/options.ts';
import type { Placement, PlacementParts } from '#services/placement/service.ts';

import { type Answer, type ApiClient, serveForTest } from './api-client.ts';

/** A served Placement and shorthands for what its tests do all the time, always in one microversion. */
export class PlacementClient {
  readonly api: ApiClient;
  readonly service: Placement;
  readonly close: () => Promise<void>;

  private constructor(api: ApiClient, service: Placement, close: () => Promise<void>) {
    this.api = api;
    this.service = service;
    this.close = close;
  }

  static async open(database: Database): Promise<PlacementClient> {
    await migrate(database, placementMigrations, 0);
    const { service } = newPlacement(database);
    const { client, close } = await serveForTest(placementApi, service);
    return new PlacementClient(client, service, close);
  }

  /** Sends a request in a microversion, by default the newest. */
  send(method: string, path: string, body?: unknown, version = 'latest', as = 'admin'): Promise<Answer> {
    return this.api.send(method, path, {
      as,
      headers: { 'openstack-api-version': `placement ${version}` },
      ...(body !== undefined && { body }),
    });
  }

  get = (path: string, version?: string) => this.send('GET', path, undefined, version);
  put = (path: string, body?: unknown, version?: string) => this.send('PUT', path, body, version);
  post = (path: string, body?: unknown, version?: string) => this.send('POST', path, body, version);
  delete = (path: string, version?: string) => this.send('DELETE', path, undefined, version);

  /** Makes a provider with these totals, traits and aggregates, and answers its UUID. */
  async provider(name: string, has: ProviderFacts = {}): Promise<string> {
    const uuid = newUuid();
    await this.#must(
      await this.post('/resource_providers', { name, uuid, parent_provider_uuid: has.parent ?? null }),
    );
    const inventories = Object.fromEntries(
      Object.entries(has.inventories ?? {}).map(([rc, given]) => [
        rc,
        typeof given === 'number' ? { total: given, max_unit: given } : given,
      ]),
    );
    const at = `/resource_providers/${uuid}`;
    await this.#must(await this.put(`${at}/inventories`, { resource_provider_generation: 0, inventories }));
    for (const trait of has.traits ?? []) if (trait.startsWith('CUSTOM_')) await this.put(`/traits/${trait}`);
    const { body } = await this.get(at);
    await this.#must(
      await this.put(`${at}/traits`, {
        resource_provider_generation: body.generation,
        traits: has.traits ?? [],
      }),
    );
    await this.#must(await this.put(`${at}/aggregates`, has.aggregates ?? [], '1.1'));
    return uuid;
  }

  async generation(provider: string): Promise<number> {
    return (await this.get(`/resource_providers/${provider}`)).body.generation;
  }

  /** Lets a new consumer hold resources by provider; answers its UUID. */
  async allocate(allocations: Record<string, Record<string, number>>): Promise<string> {
    const consumer = newUuid();
    await this.#must(await this.put(`/allocations/${consumer}`, allocationBody(allocations)));
    return consumer;
  }

  async #must(answer: Answer): Promise<void> {
    if (answer.status >= 300) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

/** What a provider has; a bare number is the total. */
export interface ProviderFacts {
  readonly parent?: string;
  readonly inventories?: Record<string, number | Record<string, number>>;
  readonly traits?: readonly string[];
  readonly aggregates?: readonly string[];
}

/** A Placement with default options on a migrated database. */
export const newPlacement = (database: Database): AssembledPlacement =>
  assemblePlacement({
    database,
    clock: systemClock,
    options: Object.fromEntries(
      Object.entries(placementOptions).map(([name, option]) => [name, option.default]),
    ) as PlacementParts['options'],
  });

/** The body of `PUT /allocations/{consumer_uuid}` in the newest microversion. */
export const allocationBody = (
  allocations: Record<string, Record<string, number>>,
  generation: number | null = null,
) => ({
  allocations: Object.fromEntries(
    Object.entries(allocations).map(([provider, resources]) => [provider, { resources }]),
  ),
  project_id: 'project-a',
  user_id: 'user-a',
  consumer_generation: generation,
  consumer_type: 'INSTANCE',
});
