import { protocolNumber } from '#contracts/network.ts';

import { parseCidr } from '../addressing/ip.ts';
import type { RuleColumns } from '../tables.ts';
import {
  invalidIcmp,
  invalidPort,
  invalidPortRange,
  missingIcmpType,
  portsNotSupported,
  protocolConflict,
  protocolRequired,
  severalRemotes,
  versionConflict,
} from './errors.ts';
import { canonicalProtocol, hasPorts, isIcmp, isIpv6Only } from './protocols.ts';

/** Checks what a rule is to match and brings it into one form, as neutron/db/securitygroups_db.py does. Throws 400. */
export function checkedRule(given: RuleColumns): RuleColumns {
  const everyPort = given.port_range_min === 1 && given.port_range_max === 65_535;
  const rule = {
    ...given,
    protocol: canonicalProtocol(given.protocol, given.ethertype),
    ...(everyPort && { port_range_min: null, port_range_max: null }),
  };
  checkPorts(rule);
  if (rule.remote_ip_prefix !== null && `IPv${parseCidr(rule.remote_ip_prefix)!.version}` !== rule.ethertype)
    throw versionConflict(rule.ethertype, rule.remote_ip_prefix);
  if (rule.protocol !== null && rule.ethertype === 'IPv4' && isIpv6Only(rule.protocol))
    throw protocolConflict(rule.ethertype, rule.protocol);
  const remotes = [rule.remote_ip_prefix, rule.remote_group_id, rule.remote_address_group_id];
  if (remotes.filter((remote) => remote !== null).length > 1) throw severalRemotes();
  return rule;
}

function checkPorts(rule: RuleColumns): void {
  const { protocol, port_range_min: min, port_range_max: max } = rule;
  if (min === null && max === null) return;
  if (protocol === null) throw protocolRequired();
  if (hasPorts(protocol)) {
    if (min === 0 || max === 0) throw invalidPort('0');
    if (min === null || max === null || min > max) throw invalidPortRange();
  } else if (isIcmp(protocol)) {
    if (min !== null && min > 255) throw invalidIcmp('type', 'port_range_min', min);
    if (max !== null && max > 255) throw invalidIcmp('code', 'port_range_max', max);
    if (min === null) throw missingIcmpType(max!);
  } else throw portsNotSupported(protocolNumber(protocol));
}

/** What two rules of a group may not have in common: everything they match, however it is written. */
export function fingerprint(rule: RuleColumns): string {
  const anywhere = rule.remote_ip_prefix === '0.0.0.0/0' || rule.remote_ip_prefix === '::/0';
  return [
    rule.direction,
    rule.ethertype,
    rule.protocol === null ? null : protocolNumber(rule.protocol),
    rule.port_range_min,
    rule.port_range_max,
    anywhere ? null : rule.remote_ip_prefix,
    rule.remote_group_id,
    rule.remote_address_group_id,
  ]
    .map((part) => part ?? '+')
    .join(' ');
}
