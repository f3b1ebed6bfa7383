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

/** A network's logical switch, named as ML2/OVN names it. */
export const switchName = (networkId: string): string => `neutron-${networkId}`;
/** The switch port that leads a network onto the wire; one per network, as there is one segment. */
export const localnetName = (networkId: string): string => `provnet-${networkId}`;
/** No port of the cloud's stands behind that row, so its UUID comes from the network. */
export const localnetUuid = (networkId: string): string => derivedUuid('localnet', networkId);
/** A logical router. Switches are named alike, but names need only differ within a table. */
export const routerName = (routerId: string): string => `neutron-${routerId}`;
/** The router's end of a port; the port's own id names the switch's end. */
export const routerPortName = (portId: string): string => `lrp-${portId}`;
/** The row of the router's end: the switch's end has the port's own UUID already. */
export const routerPortUuid = (portId: string): string => derivedUuid('router port', portId);
/** A router has one gateway, whichever port it has there. */
export const gatewayPortUuid = (routerId: string): string => derivedUuid('gateway port', routerId);
/** Port groups' names are used in expressions, where a dash would be a minus. */
export const portGroupName = (groupId: string): string => `pg_${groupId.replaceAll('-', '_')}`;
/** The group of all ports with port security, which drops what no security group lets through. */
export const dropGroupName = 'neutron_pg_drop';
/** There is one in the whole cloud. */
export const dropGroupUuid = derivedUuid('drop group');
/** What a subnet's ports are told by DHCP, unless they override it. */
export const subnetDhcpUuid = (subnetId: string): string => derivedUuid('dhcp', subnetId);
/** The DNS row with the names of one port. */
export const portNamesUuid = (portId: string): string => derivedUuid('names', portId);
/** What one port is told by DHCP of an IP version, where it overrides its subnet's options. */
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
