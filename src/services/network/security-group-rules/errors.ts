import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

import { portProtocolNames } from './protocols.ts';

/** neutron/extensions/securitygroup.py: what can be wrong with a rule. */

const invalid = (type: string) => (message: string) => badRequest(message, { type });

/** For a rule that is not there or of a group of another project: 404. */
export const ruleNotFound = (id: string) =>
  notFound(`Security group rule ${id} does not exist`, { type: 'SecurityGroupRuleNotFound' });

/** When the group has a rule that matches the same; names that one: 409. */
export const ruleExists = (id: string) =>
  conflict(`Security group rule already exists. Rule id is ${id}.`, { type: 'SecurityGroupRuleExists' });

/** When two rules of one bulk create match the same: 409. */
export const duplicateRule = () =>
  conflict('Duplicate Security Group Rule in POST.', { type: 'DuplicateSecurityGroupRuleInPost' });

/** When the rules of a bulk create are for several groups: 400. */
export const notOneGroup = () =>
  invalid('SecurityGroupNotSingleGroupRules')(
    'Only allowed to update rules for one security profile at a time',
  );

/** When the rules of a bulk create are to be of several projects: 400. */
export const notOneProject = () =>
  invalid('SecurityGroupRulesNotSingleProject')(
    'Multiple project_ids in bulk security group rule create not allowed',
  );

/** When a rule names ports and no protocol: 400. */
export const protocolRequired = () =>
  invalid('SecurityGroupProtocolRequiredWithPorts')('Must also specify protocol if port range is given.');

/** When a port is no number of 0 to 65535, or 0 where the protocol has ports: 400. */
export const invalidPort = (port: string) =>
  invalid('SecurityGroupInvalidPortValue')(`Invalid value for port ${port}`);

/** When a rule names one end of a port range only, or the ends the wrong way round: 400. */
export const invalidPortRange = () =>
  invalid('SecurityGroupInvalidPortRange')('For TCP/UDP protocols, port_range_min must be <= port_range_max');

/** When `port_range_min` or `port_range_max`, which hold the ICMP type and code, is above 255: 400. */
export const invalidIcmp = (field: string, attribute: string, value: number) =>
  invalid('SecurityGroupInvalidIcmpValue')(
    `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
  );

/** When an ICMP code is given without a type: 400. */
export const missingIcmpType = (code: number) =>
  invalid('SecurityGroupMissingIcmpType')(
    `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
  );

/** When ports are given for a protocol, named by number, that has none: 400. */
export const portsNotSupported = (protocol: number) =>
  invalid('SecurityGroupInvalidProtocolForPort')(
    `Ports cannot be specified for protocol ${protocol}. Ports are only supported for ${portProtocolNames}.`,
  );

/** When `remote_ip_prefix` is not of the rule's IP version: 400. */
export const versionConflict = (ethertype: string, cidr: string) =>
  invalid('SecurityGroupRuleParameterConflict')(`Conflicting value ethertype ${ethertype} for CIDR ${cidr}`);

/** When an IPv4 rule names a protocol only IPv6 has: 400. */
export const protocolConflict = (ethertype: string, protocol: string) =>
  invalid('SecurityGroupEthertypeConflictWithProtocol')(
    `Invalid ethertype ${ethertype} for protocol ${protocol}.`,
  );

/** When a rule has more than one remote side: 400. */
export const severalRemotes = () =>
  invalid('SecurityGroupMultipleRemoteEntites')(
    'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
  );

/** When a protocol is neither one of the `known` names nor a number of 0 to 255: 400. */
export const unknownProtocol = (protocol: string, known: string) =>
  invalid('SecurityGroupRuleInvalidProtocol')(
    `Security group rule protocol ${protocol} not supported. Only protocol values ${known} and integer representations [0 to 255] are supported.`,
  );

/** When an ethertype is none of IPv4 and IPv6, in whatever case: 400. */
export const unknownEthertype = (ethertype: string) =>
  invalid('SecurityGroupRuleInvalidEtherType')(
    `Security group rule for ethertype '${ethertype}' not supported. Allowed values are ['IPv4', 'IPv6'].`,
  );

/** When `remote_ip_prefix` is neither an address nor a network in CIDR form: 400. */
export const invalidCidr = (text: string) =>
  invalid('InvalidCIDR')(`Invalid CIDR ${text} given as IP prefix.`);
