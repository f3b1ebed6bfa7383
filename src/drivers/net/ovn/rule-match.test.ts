import { expect, test } from 'vitest';

import { rule } from '#test/support/ovn/wanted.ts';

import { ruleMatch } from './rule-match.ts';

const remote = '11111111-2222-3333-4444-555555555555';
const address = 'pg_11111111_2222_3333_4444_555555555555';

test.each([
  ['anything in', {}, 'outport == @pg && ip4'],
  ['anything out', { direction: 'egress', version: 6 }, 'inport == @pg && ip6'],
  ['any by name', { protocol: 'any' }, 'outport == @pg && ip4'],
  ['one port', { protocol: 'tcp', min: 22, max: 22 }, 'outport == @pg && ip4 && tcp && tcp.dst == 22'],
  [
    'ports of a numbered protocol',
    { protocol: '17', min: 1, max: 9 },
    'outport == @pg && ip4 && udp && udp.dst >= 1 && udp.dst <= 9',
  ],
  ['every port', { protocol: 'sctp' }, 'outport == @pg && ip4 && sctp'],
  ['every ICMP', { protocol: 'icmp' }, 'outport == @pg && ip4 && icmp4'],
  [
    'one ICMP type and code',
    { protocol: '1', min: 8, max: 0 },
    'outport == @pg && ip4 && icmp4 && icmp4.type == 8 && icmp4.code == 0',
  ],
  [
    'ICMPv6 by its old name',
    { protocol: 'icmpv6', version: 6, min: 128 },
    'outport == @pg && ip6 && icmp6 && icmp6.type == 128',
  ],
  ['plain icmp of version 6', { protocol: 'icmp', version: 6 }, 'outport == @pg && ip6 && icmp6'],
  ['a protocol OVN has no name for', { protocol: 'vrrp' }, 'outport == @pg && ip4 && ip.proto == 112'],
  ['a protocol by number', { protocol: '99' }, 'outport == @pg && ip4 && ip.proto == 99'],
  ['protocol 0', { protocol: '0' }, 'outport == @pg && ip4 && ip.proto == 0'],
  ['from a prefix', { remoteCidr: '10.0.0.0/8' }, 'outport == @pg && ip4 && ip4.src == 10.0.0.0/8'],
  [
    'to a prefix',
    { direction: 'egress', version: 6, remoteCidr: 'fd00::/8' },
    'inport == @pg && ip6 && ip6.dst == fd00::/8',
  ],
  ['from everywhere', { remoteCidr: '0.0.0.0/0' }, 'outport == @pg && ip4'],
  ['from a group', { remoteGroup: remote }, `outport == @pg && ip4 && ip4.src == $${address}_ip4`],
  [
    'to a group',
    { direction: 'egress', version: 6, remoteGroup: remote },
    `inport == @pg && ip6 && ip6.dst == $${address}_ip6`,
  ],
] as const)('%s', (_what, wanted, match) => {
  expect(ruleMatch(rule(wanted), 'pg')).toBe(match);
});
