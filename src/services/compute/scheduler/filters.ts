import { aggregateInstanceExtraSpecsFilter } from './filters/aggregate-instance-extra-specs.ts';
import { availabilityZoneFilter } from './filters/availability-zone.ts';
import { computeCapabilitiesFilter } from './filters/compute-capabilities.ts';
import { computeFilter } from './filters/compute.ts';
import { differentHostFilter } from './filters/different-host.ts';
import { imagePropertiesFilter } from './filters/image-properties.ts';
import { numInstancesFilter } from './filters/num-instances.ts';
import { sameHostFilter } from './filters/same-host.ts';
import { serverGroupAffinityFilter } from './filters/server-group-affinity.ts';
import { serverGroupAntiAffinityFilter } from './filters/server-group-anti-affinity.ts';
import type { HostFilter } from './host-state.ts';

/** Every filter, the cheapest and the one that keeps out most first. */
export const hostFilters: readonly HostFilter[] = [
  computeFilter,
  availabilityZoneFilter,
  computeCapabilitiesFilter,
  imagePropertiesFilter,
  serverGroupAntiAffinityFilter,
  serverGroupAffinityFilter,
  sameHostFilter,
  differentHostFilter,
  numInstancesFilter,
  aggregateInstanceExtraSpecsFilter,
];
