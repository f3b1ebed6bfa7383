import { matchesExtraSpec, scopedSpecs } from '../extra-specs.ts';
import type { HostFilter } from '../host-state.ts';

/** Only hosts whose aggregates have the metadata that the flavor's extra specs ask for (`aggregate_instance_extra_specs:…`). */
export const aggregateInstanceExtraSpecsFilter: HostFilter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  passes: (host, { server }) =>
    scopedSpecs(server.flavor.extraSpecs, 'aggregate_instance_extra_specs').every(([key, wanted]) => {
      const values = host.aggregates.flatMap(({ metadata }) =>
        Object.hasOwn(metadata, key) ? metadata[key]! : [],
      );
      // one aggregate may list several values
      return values
        .flatMap((value) => value.split(','))
        .some((value) => matchesExtraSpec(value.trim(), wanted));
    }),
};
