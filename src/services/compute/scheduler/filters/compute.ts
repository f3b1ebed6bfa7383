import type { HostFilter } from '../host-state.ts';

/** Only hosts that are up and not disabled. */
export const computeFilter: HostFilter = {
  name: 'ComputeFilter',
  passes: (host) => host.usable,
};
