import type { Usage } from './store.ts';

/** Use by resource class, whatever the type of the consumers. */
export function viewUsages(sums: readonly Usage[]): Record<string, number> {
  const usages: Record<string, number> = {};
  for (const { resourceClass, used } of sums) usages[resourceClass] = (usages[resourceClass] ?? 0) + used;
  return usages;
}

/** Use by consumer type and resource class, with the number of consumers; `together` shows all types as one. */
export function viewUsagesByType(
  sums: readonly Usage[],
  consumers: ReadonlyMap<string | null, number>,
  together: boolean,
) {
  if (sums.length === 0) return {};
  if (together) {
    const count = [...consumers.values()].reduce((total, n) => total + n, 0);
    return { all: { ...viewUsages(sums), consumer_count: count } };
  }
  return Object.fromEntries(
    [...consumers].map(([type, count]) => [
      type ?? 'unknown',
      { ...viewUsages(sums.filter((s) => s.consumerType === type)), consumer_count: count },
    ]),
  );
}
