import type { NetDriver } from '#drivers/net/driver.ts';
import { SimNetDriver } from '#drivers/net/sim/driver.ts';
import { SimFabric } from '#drivers/net/sim/fabric.ts';

import type { StratalithConfig } from './config.ts';

/** The control half of the configured network driver. `fabric` is what simulated hosts in this process plug into. */
export function openNetDriver(config: StratalithConfig, fabric?: SimFabric): NetDriver {
  const { net } = config.drivers;
  if (net === 'sim') return new SimNetDriver(fabric ?? new SimFabric());
  throw new Error(`the network driver ${net} is not wired yet`);
}
