import { protocolNumber, protocolNumbers } from '#contracts/network.ts';

/** Which IP protocols security group rules treat alike. */

/** Protocols with ports, in the order Neutron names them. */
const portProtocols = ['dccp', 'sctp', 'tcp', 'udp', 'udplite'] as const;

/** Whether a protocol, given by name or number, has ports. */
export const hasPorts = (protocol: string): boolean =>
  portProtocols.some((name) => protocolNumbers[name] === protocolNumber(protocol));

/** The protocols with ports, as refusals name them. */
export const portProtocolNames = portProtocols.map((name) => name.toUpperCase()).join(', ');

/** Whether a protocol is ICMP of either IP version. */
export const isIcmp = (protocol: string): boolean => [1, 58].includes(protocolNumber(protocol));

const onlyIpv6 = new Set([41, 44, 58, 59, 60, 43]);

/** Whether a protocol makes no sense in IPv4. */
export const isIpv6Only = (protocol: string): boolean => onlyIpv6.has(protocolNumber(protocol));

/** The usual name of what ICMP is called in rules of one IP version. */
export function canonicalProtocol(protocol: string | null, ethertype: string): string | null {
  if (ethertype !== 'IPv6') return protocol;
  if (protocol === 'icmp' || protocol === 'icmpv6') return 'ipv6-icmp';
  return protocol === '1' ? '58' : protocol;
}
