/** IP protocols by name (neutron_lib/constants.py), and which of them security group rules treat alike. */

/** The names rules may give protocols by, `IP_PROTOCOL_MAP`; several may have one number. */
export const protocolNumbers: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
};

/** The number of a protocol given by name or number. */
export const protocolNumber = (protocol: string): number => protocolNumbers[protocol] ?? Number(protocol);

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
