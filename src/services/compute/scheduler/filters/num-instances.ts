import type { HostFilter } from '../host-state.ts';

/** The most servers of one host, unless an aggregate of it says otherwise: Nova's `max_instances_per_host`. */
const defaultMost = 50;

/** Only hosts with room for one more server; the aggregate item `max_instances_per_host` overrides, the smallest counts. */
export const numInstancesFilter: HostFilter = {
  name: 'AggregateNumInstancesFilter',
  passes: (host) => {
    const told = host.aggregates
      .map((aggregate) => Number(aggregate.metadata.max_instances_per_host))
      .filter((most) => Number.isInteger(most));
    return host.servers < (told.length > 0 ? Math.min(...told) : defaultMost);
  },
};
