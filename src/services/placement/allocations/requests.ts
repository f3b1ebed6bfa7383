import type { Resources } from '#contracts/placement.ts';
import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import { AllocationRefused, type WantedAllocations } from './replace.ts';
import type { ConsumerAllocations } from './schema.ts';

type ListedAllocations = readonly { resource_provider: { uuid: string }; resources: Resources }[];
type KeyedAllocations = Readonly<Record<string, { resources: Resources }>>;

/** Resources by provider, from either form of a body. */
export function resourcesByProvider(given: ListedAllocations | KeyedAllocations): Record<string, Resources> {
  const pairs = Array.isArray(given)
    ? (given as ListedAllocations).map((a) => [a.resource_provider.uuid, a.resources])
    : Object.entries(given as KeyedAllocations).map(([uuid, a]) => [uuid, a.resources]);
  return Object.fromEntries(pairs) as Record<string, Resources>;
}

/** What a body by consumer asks for. */
export const wantedByConsumer = (body: Readonly<Record<string, ConsumerAllocations>>): WantedAllocations[] =>
  Object.entries(body).map(([consumer, wanted]) => ({
    consumer,
    allocations: resourcesByProvider(wanted.allocations),
    projectId: wanted.project_id,
    userId: wanted.user_id,
    generation: wanted.consumer_generation,
    consumerType: wanted.consumer_type,
  }));

/** Turns refusals into the API's errors; those for an unknown class begin with `prefix`. */
export const explaining =
  (prefix: string) =>
  (error: unknown): never => {
    if (!(error instanceof AllocationRefused)) throw error;
    throw error.reason === 'unknown class'
      ? badRequest(prefix + error.message)
      : conflict(`Unable to allocate inventory: ${error.message}`);
  };
