import type { AnyCall } from '../requests.ts';
import type { Provider } from '../resource-providers/store.ts';
import type { Allocation, Consumer } from './store.ts';

/** What a consumer holds, by provider. */
export function viewConsumerAllocations(
  allocations: readonly Allocation[],
  consumer: Consumer | undefined,
  providers: readonly Provider[],
  call: AnyCall,
) {
  const byProvider = Object.fromEntries(
    providers.map((p) => [
      p.uuid,
      {
        resources: resourcesOf(allocations.filter((a) => a.providerUuid === p.uuid)),
        generation: p.generation,
      },
    ]),
  );
  return {
    allocations: byProvider,
    ...(consumer && call.atLeast('1.12') && { project_id: consumer.projectId, user_id: consumer.userId }),
    ...(consumer && call.atLeast('1.28') && { consumer_generation: consumer.generation }),
    ...(consumer && call.atLeast('1.38') && { consumer_type: consumer.consumerType ?? 'unknown' }),
  };
}

/** What is allocated from a provider, by consumer. */
export function viewProviderAllocations(
  allocations: readonly Allocation[],
  consumers: ReadonlyMap<string, Consumer>,
  provider: Provider,
  call: AnyCall,
) {
  const byConsumer = Map.groupBy(allocations, (a) => a.consumerUuid);
  return {
    allocations: Object.fromEntries(
      [...byConsumer].map(([uuid, held]) => [
        uuid,
        {
          resources: resourcesOf(held),
          ...(call.atLeast('1.28') && { consumer_generation: consumers.get(uuid)!.generation }),
        },
      ]),
    ),
    resource_provider_generation: provider.generation,
  };
}

const resourcesOf = (allocations: readonly Allocation[]) =>
  Object.fromEntries(allocations.map((a) => [a.resourceClass, a.used]));
