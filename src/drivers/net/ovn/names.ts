import { createHash } from 'node:crypto';

/**
 * Names and row UUIDs. A row that stands for one of the cloud's objects has that object's UUID; a row that is part of
 * one, or one of several for it, has a UUID derived from what it is. So the row of anything is known without looking
 * for it. Names follow ML2/OVN's, for people and tools that know those.
 */

/** A UUID that is always the same for the same words (RFC 9562 version 8: ours to define). */
export function derivedUuid(...words: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** A locally administered MAC address that is always the same for the same words. */
export function derivedMac(...words: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest();
  return ['fa', ...[0, 1, 2, 3, 4].map((i) => hash[i]!.toString(16).padStart(2, '0'))].join(':');
}

export const switchName = (networkId: string): string => `neutron-${networkId}`;
export const localnetName = (networkId: string): string => `provnet-${networkId}`;
export const localnetUuid = (networkId: string): string => derivedUuid('localnet', networkId);
export const routerName = (routerId: string): string => `neutron-${routerId}`;
export const routerPortName = (portId: string): string => `lrp-${portId}`;
export const routerPortUuid = (portId: string): string => derivedUuid('router port', portId);
/** A router has one gateway, whichever port it has there. */
export const gatewayPortUuid = (routerId: string): string => derivedUuid('gateway port', routerId);
/** Port groups' names are used in expressions, where a dash would be a minus. */
export const portGroupName = (groupId: string): string => `pg_${groupId.replaceAll('-', '_')}`;
export const dropGroupName = 'neutron_pg_drop';
export const dropGroupUuid = derivedUuid('drop group');
export const subnetDhcpUuid = (subnetId: string): string => derivedUuid('dhcp', subnetId);
export const portNamesUuid = (portId: string): string => derivedUuid('names', portId);
export const portDhcpUuid = (portId: string, version: 4 | 6): string =>
  derivedUuid('dhcp', portId, String(version));

/** Key of `external_ids`: the physical network a gateway leads to. */
export const physicalNetworkKey = 'stratalith:physical_network';

/** Keys of `external_ids` that say which object of the cloud a row stands for. */
export const owned = {
  network: 'stratalith:network_id',
  port: 'stratalith:port_id',
  router: 'stratalith:router_id',
  securityGroup: 'stratalith:security_group_id',
  subnet: 'stratalith:subnet_id',
} as const;

/** Key of an interface's `external_ids` on the switch of a host: the network it serves metadata in. */
export const metadataOwner = 'stratalith:metadata_network_id';
