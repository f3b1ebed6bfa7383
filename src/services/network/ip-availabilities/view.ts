import { poolsOf } from '../addressing/allocate.ts';
import { cidrOf, sizeOf } from '../addressing/ip.ts';
import type { NetworkUsage, SubnetUsage } from './store.ts';

/** How many addresses a network has and has given out. */
export const viewAvailability = (network: NetworkUsage) => ({
  network_id: network.network_id,
  network_name: network.network_name,
  tenant_id: network.project_id,
  project_id: network.project_id,
  total_ips: exactly(network.subnets.reduce((sum, subnet) => sum + total(subnet), 0n)),
  used_ips: network.subnets.reduce((sum, subnet) => sum + subnet.used, 0),
  subnet_ip_availability: network.subnets.map((subnet) => ({
    subnet_id: subnet.id,
    subnet_name: subnet.name,
    cidr: subnet.cidr,
    ip_version: subnet.ip_version,
    total_ips: exactly(total(subnet)),
    used_ips: subnet.used,
  })),
});

/** The addresses of the pools; of a subnet without any Neutron counts them all. */
function total(subnet: SubnetUsage): bigint {
  const pools = poolsOf(subnet);
  return (pools.length > 0 ? pools : [cidrOf(subnet.cidr)]).reduce((sum, range) => sum + sizeOf(range), 0n);
}

/** A number as JSON writes it, to the last digit: an IPv6 subnet has more addresses than a double can count. */
const exactly = (value: bigint): unknown =>
  value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value));
