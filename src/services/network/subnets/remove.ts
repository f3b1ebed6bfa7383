import { networkNotFound } from '../errors.ts';
import { isAutomatic } from '../ports/fixed-ips.ts';
import { autoDeleted, isRouterPort } from '../ports/owners.ts';
import { hostsOf, portsWith, releaseAddresses } from '../ports/store.ts';
import { bump } from '../resource/revision.ts';
import { routersOn } from '../routers/store.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { subnetInUse } from './errors.ts';
import { deleteSubnetRow, type SubnetRow } from './store.ts';

/** Removes a subnet no port has an address on, save automatic ones and those of the network's own ports. */
export async function removeSubnet(work: Work, subnet: SubnetRow): Promise<void> {
  const holders = await portsWith(work.db, { fixed_ips: [`subnet_id=${subnet.id}`] });
  const automatic = isAutomatic(subnet);
  for (const port of holders) {
    const yields = autoDeleted.includes(port.device_owner) || (automatic && !isRouterPort(port.device_owner));
    if (!yields) throw subnetInUse(subnet.id);
    const theirs = port.addresses.filter((ip) => ip.subnet_id === subnet.id);
    await releaseAddresses(
      work.db,
      port.id,
      theirs.map((ip) => ip.ip_address),
    );
    work.touch('port', port.id);
  }
  work.rewire(...(await hostsOf(work.db, subnet.network_id)));
  await bump(work, 'network_networks', subnet.network_id, networkNotFound);
  await forgetSubnet(work, subnet.id);
  work.touch('network', subnet.network_id);
  work.touch('router', ...(await routersOn(work.db, subnet.network_id)));
}

/** Deletes a subnet's row and tags. */
export async function forgetSubnet(work: Work, id: string): Promise<void> {
  await removeTags(work.db, [id]);
  await deleteSubnetRow(work.db, id);
}
