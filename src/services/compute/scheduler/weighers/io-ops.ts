import type { HostWeigher } from '../host-state.ts';

/** Keeps away from hosts that are busy building, resizing or snapshotting servers. */
export const ioOpsWeigher: HostWeigher = {
  name: 'IoOpsWeigher',
  multiplier: -1,
  weigh: (host) => host.busy,
};
