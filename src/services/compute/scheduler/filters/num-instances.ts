import type { HostFilter } from '../host-state.ts';

/**
 * Only hosts with room for one more server, where an aggregate of theirs limits the number with `max_instances_per_host`;
 * the smallest counts. Nova limits the others to 50, but does not use this filter unless told to.
 */
export const numInstancesFilter: HostFilter = {
  name: 'AggregateNumInstancesFilter',
  passes: (host) => {
    const told = host.aggregates
      .map((aggregate) => Number(aggregate.metadata.max_instances_per_host))
      .filter((most) => Number.isInteger(most));
    return host.servers < Math.min(...told, Infinity);
  },
};
