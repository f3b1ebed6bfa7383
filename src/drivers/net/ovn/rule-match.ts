import { protocolNumber } from '#contracts/network.ts';

import type { WantedRule } from '../driver.ts';
import { portGroupName } from './names.ts';

/** Protocols whose ports OVN can match. */
const withPorts: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };
const icmpNumbers = new Set([1, 58]);

/** The match expression (ovn-sb(5)) of one rule for the ports of a group. */
export function ruleMatch(rule: WantedRule, groupName: string): string {
  const ip = `ip${rule.version}`;
  const [port, peer] = rule.direction === 'ingress' ? ['outport', 'src'] : ['inport', 'dst'];
  return [
    `${port} == @${groupName}`,
    ip,
    ...(rule.remoteCidr && !rule.remoteCidr.endsWith('/0') ? [`${ip}.${peer} == ${rule.remoteCidr}`] : []),
    ...(rule.remoteGroup ? [`${ip}.${peer} == $${portGroupName(rule.remoteGroup)}_${ip}`] : []),
    ...protocolTerms(rule),
  ].join(' && ');
}

function protocolTerms({ protocol, version, min, max }: WantedRule): string[] {
  if (protocol === null || protocol === 'any' || protocol === 'ip') return [];
  const number = protocolNumber(protocol);
  const name = withPorts[number];
  if (name) return [name, ...rangeTerms(`${name}.dst`, min, max)];
  if (!icmpNumbers.has(number)) return [`ip.proto == ${number}`];
  const icmp = version === 4 ? 'icmp4' : 'icmp6';
  return [
    icmp,
    ...(min === null ? [] : [`${icmp}.type == ${min}`]),
    ...(max === null ? [] : [`${icmp}.code == ${max}`]),
  ];
}

function rangeTerms(field: string, min: number | null, max: number | null): string[] {
  if (min !== null && min === max) return [`${field} == ${min}`];
  return [...(min === null ? [] : [`${field} >= ${min}`]), ...(max === null ? [] : [`${field} <= ${max}`])];
}
