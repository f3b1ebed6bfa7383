import type { Resources } from '#contracts/placement.ts';
import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import { errorCodes } from '../faults.ts';
import type { Inventory } from '../inventories/store.ts';
import type { Change } from '../stores.ts';
import { compareClasses, unknownClass } from '../vocabulary.ts';
import type { Allocation, Consumer } from './store.ts';

/** What a consumer is to hold from now on, instead of what it holds. */
export interface WantedAllocations {
  readonly consumer: string;
  /** Resources by provider; empty frees everything. */
  readonly allocations: Readonly<Record<string, Resources>>;
  readonly projectId: string;
  readonly userId: string;
  /** The consumer's generation as the caller last saw it, null when it should not exist; undefined is not checked. */
  readonly generation?: number | null | undefined;
  /** Left out, the type stays, or is unknown. */
  readonly consumerType?: string | undefined;
}

/** Why an allocation cannot be made: nobody knows the class, or the provider does not give that much of it. */
export class AllocationRefused extends Error {
  readonly reason: 'unknown class' | 'inventory';
  constructor(reason: 'unknown class' | 'inventory', message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Replaces what consumers hold, all of it or nothing. Throws {@link AllocationRefused} when a provider has no room,
 * `badRequest` when a provider does not exist, `conflict` when a consumer changed meanwhile.
 */
export async function replaceAllocations(
  change: Change,
  wanted: readonly WantedAllocations[],
): Promise<void> {
  const consumers = await change.allocations.findConsumers(wanted.map((w) => w.consumer));
  for (const w of wanted) checkConsumer(w, consumers.get(w.consumer));
  await checkProviders(change, wanted);
  const held = await change.allocations.ofConsumers(wanted.map((w) => w.consumer));
  const touched = wanted.filter((w) => !isEmpty(w) || held.some((a) => a.consumerUuid === w.consumer));
  if (touched.length === 0) return;
  const added = wanted.flatMap((w) => allocationsOf(w, change.now));
  await checkRoom(change, added, touched);

  const freed = held.filter((a) => touched.some((w) => w.consumer === a.consumerUuid && isEmpty(w)));
  await writeAllocations(change, touched, consumers, added);
  await change.providers.advance(providersOf([...added, ...freed]), change.revision);
  // a provider that is only left keeps its generation
  await change.providers.touch(providersOf(held), change.revision);
}

/** Frees everything consumers hold. Unlike replacing, this leaves generations alone. */
export async function freeAllocations(change: Change, held: readonly Allocation[]): Promise<void> {
  const consumers = [...new Set(held.map((a) => a.consumerUuid))];
  await change.allocations.removeOfConsumers(consumers);
  await change.allocations.removeConsumers(consumers);
  await change.providers.touch(providersOf(held), change.revision);
}

const isEmpty = (wanted: WantedAllocations): boolean => Object.keys(wanted.allocations).length === 0;

const providersOf = (allocations: readonly Allocation[]): string[] => [
  ...new Set(allocations.map((a) => a.providerUuid)),
];

function checkConsumer(wanted: WantedAllocations, present: Consumer | undefined): void {
  if (wanted.generation === undefined) return;
  const expected = present?.generation ?? null;
  if (wanted.generation === expected) return;
  const words =
    expected === null
      ? `null but got ${wanted.generation}`
      : `${expected} but got ${wanted.generation ?? 'None'}`;
  throw conflict(`consumer generation conflict - expected ${words}`, {
    code: errorCodes.concurrentUpdate,
  });
}

async function checkProviders(change: Change, wanted: readonly WantedAllocations[]): Promise<void> {
  const named = [...new Set(wanted.flatMap((w) => Object.keys(w.allocations)))];
  const known = new Set((await change.providers.findAll(named)).map((p) => p.uuid));
  const missing = named.find((uuid) => !known.has(uuid));
  if (missing) throw badRequest(`Allocation for resource provider '${missing}' that does not exist.`);
}

const allocationsOf = (wanted: WantedAllocations, now: number): Allocation[] =>
  Object.entries(wanted.allocations).flatMap(([providerUuid, resources]) =>
    Object.entries(resources).map(([resourceClass, used]) => ({
      consumerUuid: wanted.consumer,
      providerUuid,
      resourceClass,
      used,
      createdAt: now,
    })),
  );

async function checkRoom(
  change: Change,
  added: readonly Allocation[],
  touched: readonly WantedAllocations[],
): Promise<void> {
  if (added.length === 0) return;
  const classes = [...new Set(added.map((a) => a.resourceClass))].sort(compareClasses);
  const unknown = await unknownClass(change, classes);
  if (unknown) throw new AllocationRefused('unknown class', `No such resource class ${unknown}.`);

  const providers = providersOf(added);
  const inventories = await change.inventories.listAll(providers);
  const inventoryOf = (a: Allocation) =>
    inventories.get(a.providerUuid)?.find((i) => i.resourceClass === a.resourceClass);
  const without = providers.filter((p) => !added.some((a) => a.providerUuid === p && inventoryOf(a)));
  if (without.length > 0) throw invalidInventory(classes.join(', '), without.join(', '));

  const use = await change.allocations.use(
    providers,
    touched.map((w) => w.consumer),
  );
  const wantedSoFar = new Map<string, number>();
  for (const allocation of added) {
    const inventory = inventoryOf(allocation);
    if (!inventory) throw invalidInventory(allocation.resourceClass, allocation.providerUuid);
    const key = `${allocation.providerUuid} ${allocation.resourceClass}`;
    const amount = (wantedSoFar.get(key) ?? 0) + allocation.used;
    wantedSoFar.set(key, amount);
    const used = use.find(
      (u) => u.providerUuid === allocation.providerUuid && u.resourceClass === allocation.resourceClass,
    );
    checkUnits(allocation, inventory);
    const after = (used?.usedByOthers ?? 0) + amount;
    const capacity = (inventory.total - inventory.reserved) * inventory.allocationRatio;
    // more than there is may stay allocated, as long as it does not become more
    if (after > capacity && !(used && after <= used.used)) {
      throw refusal(allocation, 'The requested amount would exceed the capacity.');
    }
  }
}

function checkUnits(allocation: Allocation, inventory: Inventory): void {
  const { used } = allocation;
  if (used < inventory.minUnit || used > inventory.maxUnit || used % inventory.stepSize !== 0)
    throw refusal(allocation, 'The requested amount would violate inventory constraints.');
}

const refusal = (allocation: Allocation, reason: string) =>
  new AllocationRefused(
    'inventory',
    `Unable to create allocation for '${allocation.resourceClass}' on resource provider '${allocation.providerUuid}'. ${reason}`,
  );

const invalidInventory = (classes: string, providers: string) =>
  new AllocationRefused(
    'inventory',
    `Inventory for '${classes}' on resource provider '${providers}' invalid.`,
  );

async function writeAllocations(
  change: Change,
  touched: readonly WantedAllocations[],
  present: ReadonlyMap<string, Consumer>,
  added: readonly Allocation[],
): Promise<void> {
  await change.allocations.removeOfConsumers(touched.map((w) => w.consumer));
  await change.allocations.removeConsumers(touched.filter(isEmpty).map((w) => w.consumer));
  for (const w of touched.filter((w) => !isEmpty(w))) {
    const before = present.get(w.consumer);
    await change.allocations.putConsumer({
      uuid: w.consumer,
      generation: (before?.generation ?? 0) + 1,
      projectId: w.projectId,
      userId: w.userId,
      consumerType: w.consumerType ?? before?.consumerType ?? null,
    });
  }
  await change.allocations.insert(added);
}
