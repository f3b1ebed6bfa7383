import type { WantedNetwork } from '../driver.ts';
import { dropOtherSubnets, putSubnet } from './dhcp.ts';
import { localnetName, localnetUuid, owned, physicalNetworkKey, switchName } from './names.ts';
import type { NorthboundChange } from './northbound.ts';

/** Keys of a switch's `external_ids` that routers and gateways on it look at. */
export const networkFacts = {
  mtu: 'stratalith:mtu',
  type: 'stratalith:network_type',
  physicalNetwork: physicalNetworkKey,
} as const;

/**
 * A network is a logical switch, with a localnet port when it lies on a physical network. Its administrative state
 * changes nothing here, as in ML2/OVN: ports have their own.
 */
export function putNetwork(change: NorthboundChange, network: WantedNetwork): void {
  const { id, physicalNetwork } = network;
  change.put('Logical_Switch', id, {
    name: switchName(id),
    external_ids: {
      [owned.network]: id,
      [networkFacts.mtu]: String(network.mtu),
      [networkFacts.type]: network.type,
      ...(physicalNetwork && { [networkFacts.physicalNetwork]: physicalNetwork }),
      'neutron:network_name': network.name,
    },
  });
  if (physicalNetwork) putLocalnet(change, network, physicalNetwork);
  else change.exclude('Logical_Switch', id, 'ports', localnetUuid(id));
  for (const subnet of network.subnets) putSubnet(change, network, subnet);
  dropOtherSubnets(change, network);
}

/** The switch takes its ports with it. */
export function removeNetwork(change: NorthboundChange, id: string): void {
  change.delete('Logical_Switch', id);
  change.deleteWhere('DHCP_Options', [['external_ids', 'includes', ['map', [[owned.network, id]]]]]);
}

function putLocalnet(
  change: NorthboundChange,
  { id, segmentationId }: WantedNetwork,
  physical: string,
): void {
  change.put('Logical_Switch_Port', localnetUuid(id), {
    name: localnetName(id),
    type: 'localnet',
    addresses: ['unknown'],
    tag_request: segmentationId,
    options: { network_name: physical },
    external_ids: { [owned.network]: id },
  });
  change.include('Logical_Switch', id, 'ports', localnetUuid(id));
}
