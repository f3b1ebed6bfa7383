import { claimFirstAddress } from '../addressing/allocate.ts';
import { everything } from '../resource/viewer.ts';
import type { SubnetTable } from '../tables.ts';
import type { Work } from '../work.ts';
import { createPort } from './create.ts';
import { owners } from './owners.ts';
import { hostsOf, portsWith, releaseAddresses } from './store.ts';

/**
 * Every network has a port of its own, as ML2/OVN gives it one: the address DHCP answers from and metadata is served
 * at. It has an address on each IPv4 subnet with DHCP.
 */

/** Makes the service port of a new network. */
export const createServicePort = (work: Work, network: { id: string; projectId: string }): Promise<string> =>
  createPort(
    work,
    {
      networkId: network.id,
      projectId: network.projectId,
      deviceId: `ovnmeta-${network.id}`,
      deviceOwner: owners.service,
      fixedIps: [],
    },
    everything,
  );

/** Gives a network's service port an address on the subnet, or takes it away, as DHCP is on or off there. */
export async function serveSubnet(
  work: Work,
  subnet: Pick<SubnetTable, 'id' | 'network_id' | 'ip_version' | 'enable_dhcp' | 'allocation_pools'>,
): Promise<void> {
  const [port] = await portsWith(work.db, {
    network_id: [subnet.network_id],
    device_owner: [owners.service],
  });
  if (!port) return;
  const wanted = subnet.enable_dhcp === 1 && subnet.ip_version === 4;
  const present = port.addresses.filter((ip) => ip.subnet_id === subnet.id);
  if (wanted === present.length > 0) return;
  // the first address, where nobody picks by hand; a full subnet goes without, nobody could be served there anyway
  if (wanted) await claimFirstAddress(work.db, subnet, port.id);
  else
    await releaseAddresses(
      work.db,
      port.id,
      present.map((ip) => ip.ip_address),
    );
  work.touch('port', port.id);
  work.rewire(...(await hostsOf(work.db, subnet.network_id)));
}
