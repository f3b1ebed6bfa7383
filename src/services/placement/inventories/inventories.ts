import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

import { errorCodes } from '../faults.ts';
import { maxInt } from '../fields.ts';
import type { Provider } from '../resource-providers/store.ts';
import type { Change } from '../stores.ts';
import { compareClasses, unknownClass } from '../vocabulary.ts';
import type { InventoryRecord } from './schema.ts';
import type { Inventory } from './store.ts';

/** What may be given of an inventory in all. */
export const capacityOf = (inventory: Inventory): number =>
  Math.trunc((inventory.total - inventory.reserved) * inventory.allocationRatio);

/** An inventory from a request, with Placement's defaults. */
export const inventoryFrom = (resourceClass: string, record: InventoryRecord, now: number): Inventory => ({
  resourceClass,
  total: record.total,
  reserved: record.reserved ?? 0,
  minUnit: record.min_unit ?? 1,
  maxUnit: record.max_unit ?? maxInt,
  stepSize: record.step_size ?? 1,
  allocationRatio: record.allocation_ratio ?? 1,
  createdAt: now,
  updatedAt: null,
});

/**
 * Refuses inventories of which nothing could be given; from microversion 1.26 on all of one may be reserved.
 * Throws `badRequest` beginning with `prefix`.
 */
export function checkCapacity(
  provider: string,
  inventories: readonly Inventory[],
  mayReserveAll: boolean,
  prefix: string,
): void {
  const least = mayReserveAll ? 0 : 1;
  const bad = inventories.find((inventory) => capacityOf(inventory) < least);
  if (!bad) return;
  const relation = mayReserveAll ? 'greater than' : 'greater than or equal to';
  throw badRequest(
    `${prefix} for resource provider ${provider}: Invalid inventory for '${bad.resourceClass}' on resource provider '${provider}'. The reserved value is ${relation} total.`,
  );
}

/** Throws `conflict` unless the provider is as the caller last saw it. */
export function checkGeneration(provider: Provider, generation: number): void {
  if (provider.generation !== generation)
    throw conflict('resource provider generation conflict', { code: errorCodes.concurrentUpdate });
}

/** Adds one inventory. Throws `badRequest` for an unknown class, `conflict` when there is one already. */
export async function addInventory(change: Change, provider: Provider, inventory: Inventory): Promise<void> {
  const { resourceClass } = inventory;
  if (await unknownClass(change, [resourceClass])) {
    throw badRequest(
      `Unable to create inventory for resource provider ${provider.uuid}: No such resource class ${resourceClass}.`,
    );
  }
  const present = await change.inventories.list(provider.uuid);
  if (present.some((i) => i.resourceClass === resourceClass)) {
    throw conflict(`Update conflict: there is an inventory of class ${resourceClass} already`, {
      code: errorCodes.concurrentUpdate,
    });
  }
  await change.inventories.insert(provider.uuid, inventory);
  await change.advance(provider.uuid);
}

/** Replaces one inventory that is there. Throws `notFound` for an unknown class, `badRequest` when there is none of it. */
export async function updateInventory(
  change: Change,
  provider: Provider,
  inventory: Inventory,
): Promise<void> {
  const { resourceClass } = inventory;
  if (await unknownClass(change, [resourceClass])) throw notFound(`No such resource class ${resourceClass}.`);
  const present = await change.inventories.list(provider.uuid);
  if (!present.some((i) => i.resourceClass === resourceClass)) {
    throw badRequest(
      `No inventory record with resource class for resource provider ${provider.uuid}: No inventory of class ${resourceClass} found.`,
    );
  }
  await change.inventories.update(provider.uuid, { ...inventory, updatedAt: change.now });
  await change.advance(provider.uuid);
}

/** Replaces all inventories. Throws `conflict` when one that would go is in use. */
export async function setInventories(
  change: Change,
  provider: Provider,
  wanted: readonly Inventory[],
): Promise<void> {
  const present = new Set((await change.inventories.list(provider.uuid)).map((i) => i.resourceClass));
  const names = new Set(wanted.map((i) => i.resourceClass));
  const gone = [...present].filter((name) => !names.has(name));
  await refuseInUse(change, provider.uuid, gone);
  await change.inventories.remove(provider.uuid, gone);
  for (const inventory of wanted) {
    if (!present.has(inventory.resourceClass)) await change.inventories.insert(provider.uuid, inventory);
    else await change.inventories.update(provider.uuid, { ...inventory, updatedAt: change.now });
  }
  await change.advance(provider.uuid);
}

async function refuseInUse(change: Change, provider: string, classes: readonly string[]): Promise<void> {
  if (classes.length === 0) return;
  const inUse = await change.allocations.classesInUse(provider);
  const kept = classes.filter((name) => inUse.has(name)).sort(compareClasses);
  if (kept.length > 0) {
    throw conflict(`Inventory for '${kept.join(', ')}' on resource provider '${provider}' in use.`, {
      code: errorCodes.inventoryInUse,
    });
  }
}

/** Removes one inventory. Throws `notFound` when there is none, `conflict` when it is in use. */
export async function removeInventory(
  change: Change,
  provider: Provider,
  resourceClass: string,
): Promise<void> {
  const missing = (reason: string) =>
    notFound(`No inventory of class ${resourceClass} found for delete: ${reason}`);
  if (await unknownClass(change, [resourceClass])) throw missing(`No such resource class ${resourceClass}.`);
  await refuseInUse(change, provider.uuid, [resourceClass]);
  const present = await change.inventories.list(provider.uuid);
  if (!present.some((i) => i.resourceClass === resourceClass))
    throw missing(`No inventory of class ${resourceClass} found for delete`);
  await change.inventories.remove(provider.uuid, [resourceClass]);
  await change.advance(provider.uuid);
}
