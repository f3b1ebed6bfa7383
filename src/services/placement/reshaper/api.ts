import { badRequest, conflict, isKind } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { replaceAllocations, type WantedAllocations } from '../allocations/replace.ts';
import { explaining, wantedByConsumer } from '../allocations/requests.ts';
import { errorCodes } from '../faults.ts';
import { inventoryFrom, setInventories } from '../inventories/inventories.ts';
import type { InventoryRecord } from '../inventories/schema.ts';
import type { Inventory } from '../inventories/store.ts';
import { takesJson } from '../requests.ts';
import type { Provider } from '../resource-providers/store.ts';
import type { Placement } from '../service.ts';
import type { Change } from '../stores.ts';
import { unknownClass } from '../vocabulary.ts';
import { reshaperBody } from './schema.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#reshaper */
export const reshaperEndpoints = [
  endpoint({
    method: 'POST',
    path: '/reshaper',
    policy: 'placement:reshaper:reshape',
    since: '1.30',
    body: reshaperBody,
    status: 204,
    load: takesJson,
    handler: async ({ service, body }) => {
      await service
        .change((change) => reshape(change, body.inventories, wantedByConsumer(body.allocations)))
        .catch(explaining('malformed reshaper data: '));
    },
  }),
];

interface WantedInventories {
  readonly resource_provider_generation: number;
  readonly inventories: Readonly<Record<string, InventoryRecord>>;
}

/** Moves inventories and what is allocated from them, e.g. from a provider to its new children, all at once. */
async function reshape(
  change: Change,
  wanted: Readonly<Record<string, WantedInventories>>,
  allocations: readonly WantedAllocations[],
): Promise<void> {
  const shapes: [Provider, Inventory[]][] = [];
  for (const [uuid, { resource_provider_generation: generation, inventories }] of Object.entries(wanted)) {
    const provider = await providerAt(change, uuid, generation);
    const list = Object.entries(inventories).map(([name, record]) => inventoryFrom(name, record, change.now));
    shapes.push([provider, list]);
  }
  // what goes can go only after its allocations moved, what comes must come before: in between there is both
  for (const [provider, inventories] of shapes) await widen(change, provider, inventories);
  await replaceAllocations(change, allocations);
  for (const [provider, inventories] of shapes) {
    await setInventories(change, provider, inventories).catch((error: unknown) => {
      throw isKind(error, 'conflict') ? conflict(`update conflict: ${error.message}`, error.details) : error;
    });
  }
}

async function providerAt(change: Change, uuid: string, generation: number): Promise<Provider> {
  const provider = await change.providers.find(uuid);
  if (!provider) {
    throw badRequest(
      `Resource provider ${uuid} in inventories not found: No resource provider with uuid ${uuid} found`,
      { code: errorCodes.providerNotFound },
    );
  }
  if (provider.generation !== generation) {
    throw conflict(
      `resource provider generation conflict for provider ${uuid}: actual: ${provider.generation}, given: ${generation}`,
      { code: errorCodes.concurrentUpdate },
    );
  }
  return provider;
}

async function widen(change: Change, provider: Provider, wanted: readonly Inventory[]): Promise<void> {
  if (wanted.length === 0) return;
  const unknown = await unknownClass(
    change,
    wanted.map((i) => i.resourceClass),
  );
  if (unknown) throw badRequest(`malformed reshaper data: No such resource class ${unknown}.`);
  const present = await change.inventories.list(provider.uuid);
  const kept = present.filter((p) => !wanted.some((w) => w.resourceClass === p.resourceClass));
  await setInventories(change, provider, [...kept, ...wanted]);
}
