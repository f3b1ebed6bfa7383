import type { HostFilter } from '../host-state.ts';

/** Only hosts of the zone asked for. */
export const availabilityZoneFilter: HostFilter = {
  name: 'AvailabilityZoneFilter',
  passes: (host, { server }) =>
    server.pinnedAvailabilityZone === null || host.zone === server.pinnedAvailabilityZone,
};
