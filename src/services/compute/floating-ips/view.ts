import type { NetworkOnWire } from '../networks/view.ts';

/** What the proxy needs of a floating address as Network shows it. */
export interface FloatingIpOnWire {
  readonly id: string;
  readonly floating_ip_address: string;
  readonly floating_network_id: string;
  readonly fixed_ip_address: string | null;
  readonly port_details: { readonly device_id: string } | null;
}

/** The name a pool, an external network, goes by. */
export const poolName = (network: NetworkOnWire): string => network.name || network.id;

/** A floating address as Compute shows it. */
export const viewFloatingIp = (address: FloatingIpOnWire, network: NetworkOnWire) => ({
  fixed_ip: address.fixed_ip_address,
  id: address.id,
  instance_id: address.port_details?.device_id ?? null,
  ip: address.floating_ip_address,
  pool: poolName(network),
});
