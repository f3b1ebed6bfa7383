import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

import { portProtocolNames } from './protocols.ts';

/** neutron/extensions/securitygroup.py: what can be wrong with a rule. */

const invalid = (type: string) => (message: string) => badRequest(message, { type });

export const ruleNotFound = (id: string) =>
  notFound(`Security group rule ${id} does not exist`, { type: 'SecurityGroupRuleNotFound' });

export const ruleExists = (id: string) =>
  conflict(`Security group rule already exists. Rule id is ${id}.`, { type: 'SecurityGroupRuleExists' });

export const duplicateRule = () =>
  conflict('Duplicate Security Group Rule in POST.', { type: 'DuplicateSecurityGroupRuleInPost' });

export const notOneGroup = () =>
  invalid('SecurityGroupNotSingleGroupRules')(
    'Only allowed to update rules for one security profile at a time',
  );

export const notOneProject = () =>
  invalid('SecurityGroupRulesNotSingleProject')(
    'Multiple project_ids in bulk security group rule create not allowed',
  );

export const protocolRequired = () =>
  invalid('SecurityGroupProtocolRequiredWithPorts')('Must also specify protocol if port range is given.');

export const invalidPort = (port: string) =>
  invalid('SecurityGroupInvalidPortValue')(`Invalid value for port ${port}`);

export const invalidPortRange = () =>
  invalid('SecurityGroupInvalidPortRange')('For TCP/UDP protocols, port_range_min must be <= port_range_max');

export const invalidIcmp = (field: string, attribute: string, value: number) =>
  invalid('SecurityGroupInvalidIcmpValue')(
    `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
  );

export const missingIcmpType = (code: number) =>
  invalid('SecurityGroupMissingIcmpType')(
    `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
  );

export const portsNotSupported = (protocol: number) =>
  invalid('SecurityGroupInvalidProtocolForPort')(
    `Ports cannot be specified for protocol ${protocol}. Ports are only supported for ${portProtocolNames}.`,
  );

export const versionConflict = (ethertype: string, cidr: string) =>
  invalid('SecurityGroupRuleParameterConflict')(`Conflicting value ethertype ${ethertype} for CIDR ${cidr}`);

export const protocolConflict = (ethertype: string, protocol: string) =>
  invalid('SecurityGroupEthertypeConflictWithProtocol')(
    `Invalid ethertype ${ethertype} for protocol ${protocol}.`,
  );

export const severalRemotes = () =>
  invalid('SecurityGroupMultipleRemoteEntites')(
    'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
  );

export const unknownProtocol = (protocol: string, known: string) =>
  invalid('SecurityGroupRuleInvalidProtocol')(
    `Security group rule protocol ${protocol} not supported. Only protocol values ${known} and integer representations [0 to 255] are supported.`,
  );

export const unknownEthertype = (ethertype: string) =>
  invalid('SecurityGroupRuleInvalidEtherType')(
    `Security group rule for ethertype '${ethertype}' not supported. Allowed values are ['IPv4', 'IPv6'].`,
  );

export const invalidCidr = (text: string) =>
  invalid('InvalidCIDR')(`Invalid CIDR ${text} given as IP prefix.`);
