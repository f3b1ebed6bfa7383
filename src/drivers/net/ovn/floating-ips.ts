import type { WantedRouter } from '../driver.ts';
import type { Hypervisors } from './hypervisors.ts';
import { derivedMac, owned, physicalNetworkKey } from './names.ts';
import { networkFacts } from './networks.ts';
import type { NorthboundChange } from './northbound.ts';

const translation = 'dnat_and_snat';
const floatingKey = 'stratalith:floating_ip_id';

/** Floating IPs are translations of a router that has a gateway. Answers their rows. */
export function putFloatingIps(
  change: NorthboundChange,
  { id, gateway, floatingIps }: WantedRouter,
  hypervisors: Hypervisors,
): string[] {
  if (!gateway) return [];
  const outside = change.row('Logical_Switch', gateway.networkId);
  const physical = outside?.external_ids[networkFacts.physicalNetwork];
  return floatingIps.map((floating) => {
    change.put('NAT', floating.id, {
      type: translation,
      external_ip: floating.floatingAddress,
      logical_ip: floating.fixedAddress,
      logical_port: floating.portId,
      external_mac: macOf(floating.id, floating.portId, physical, hypervisors),
      external_ids: {
        [owned.router]: id,
        [floatingKey]: floating.id,
        ...(physical && { [physicalNetworkKey]: physical }),
      },
    });
    return floating.id;
  });
}

/** Moves translations to where their ports are now. */
export function redistributeFloatingIps(change: NorthboundChange, hypervisors: Hypervisors): void {
  for (const { _uuid: uuid, logical_port: port, external_ids: ids } of change.rows('NAT')) {
    const id = ids[floatingKey];
    if (id && port)
      change.put('NAT', uuid, { external_mac: macOf(id, port, ids[physicalNetworkKey], hypervisors) });
  }
}

/**
 * With a MAC address of its own a floating IP is translated on the hypervisor that has its port, without one where the
 * gateway is. The former needs a hypervisor that reaches the physical network, and a port that is up: one that is not,
 * such as an address several guests share, would never be answered for.
 */
const macOf = (
  id: string,
  port: string,
  physical: string | undefined,
  hypervisors: Hypervisors,
): string | null => (physical && hypervisors.reaches(port, physical) ? derivedMac('floating ip', id) : null);
