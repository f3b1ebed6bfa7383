import type { NetDriver } from '#drivers/net/driver.ts';
import { SimNetDriver } from '#drivers/net/sim/driver.ts';
import { SimFabric } from '#drivers/net/sim/fabric.ts';

import { readEngine } from './engine-addresses.ts';
import type { Start } from './processes/start.ts';

/** The control half of the configured network driver. `fabric` is what simulated hosts in this process plug into. */
export async function openNetDriver(
  { layout, settings, log }: Start,
  fabric?: SimFabric,
): Promise<NetDriver> {
  if (settings.config.drivers.net === 'sim') return new SimNetDriver(fabric ?? new SimFabric());
  const { OvnDriver } = await import('#drivers/net/ovn/driver.ts');
  const { northbound, southbound } = readEngine(layout);
  return new OvnDriver({ northbound, southbound, log });
}
