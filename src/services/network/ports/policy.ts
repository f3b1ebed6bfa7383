import { rule } from '#kit/auth/policy.ts';

import {
  adminOnly,
  adminOrMember,
  adminOrNetworkMember,
  adminOrNetworkReader,
  adminOrService,
  member,
  networkManager,
  networkMember,
  networkReader,
  reader,
  service,
} from '../policy.ts';

const trustedOrNetworkMember = `(${adminOnly}) or (${service}) or ${networkMember}`;
const trustedOrShared = `${trustedOrNetworkMember} or rule:shared`;
const trustedOrMember = `(${adminOnly}) or (${service}) or ${member}`;
const memberOrService = `${adminOrMember} or ${service}`;
const pairs = `${adminOrNetworkMember} or ${service}`;
const plainDevice = `not rule:network_device or ${trustedOrNetworkMember}`;
const tagsReader = `rule:context_is_advsvc or ${adminOrNetworkReader} or ${reader}`;

/**
 * neutron/conf/policies/port.py. A project's members make and change its ports; what could pass for somebody else's
 * on the network (addresses, MAC addresses, port security, owners that begin with `network:`) is up to those who own
 * that network. Where a port is bound is for administrators and services to see and say; the profile only services
 * set.
 */
export const portPolicies = [
  rule('network_device', 'field:port:device_owner=~^network:', "A port of the network's own devices."),
  rule('create_port', trustedOrShared, 'Create a port.', ['project']),
  rule('create_port:device_id', memberOrService, 'Give `device_id` to a new port.', ['project']),
  rule('create_port:device_owner', plainDevice, 'Give `device_owner` to a new port.', ['project']),
  rule('create_port:mac_address', trustedOrNetworkMember, 'Give `mac_address` to a new port.', ['project']),
  rule('create_port:fixed_ips', trustedOrShared, 'Give `fixed_ips` to a new port.', ['project']),
  rule('create_port:fixed_ips:ip_address', trustedOrNetworkMember, 'Choose the address of a new port.', [
    'project',
  ]),
  rule('create_port:fixed_ips:subnet_id', trustedOrShared, 'Choose the subnet of a new port.', ['project']),
  rule('create_port:port_security_enabled', trustedOrNetworkMember, 'Switch port security of a new port.', [
    'project',
  ]),
  rule('create_port:binding:host_id', adminOrService, 'Bind a new port to a host.', ['project']),
  rule('create_port:binding:profile', service, 'Give a binding profile to a new port.', ['project']),
  rule('create_port:binding:vnic_type', memberOrService, 'Choose the interface type of a new port.', [
    'project',
  ]),
  ...['', ':mac_address', ':ip_address'].map((part) =>
    rule(`create_port:allowed_address_pairs${part}`, pairs, 'Give address pairs to a new port.', ['project']),
  ),
  rule('create_port:tags', `${adminOrMember} or rule:context_is_advsvc`, 'Create port tags.', ['project']),
  rule('get_port', `(${adminOnly}) or (${service}) or ${networkReader} or ${reader}`, 'Show ports.', [
    'project',
  ]),
  ...['vif_type', 'vif_details', 'host_id', 'profile'].map((name) =>
    rule(`get_port:binding:${name}`, adminOrService, `See \`binding:${name}\` of ports.`, ['project']),
  ),
  rule('get_port:tags', tagsReader, 'Show port tags.', ['project']),
  rule('update_port', trustedOrMember, 'Update a port.', ['project']),
  rule('update_port:device_id', memberOrService, 'Update `device_id` of a port.', ['project']),
  rule('update_port:device_owner', plainDevice, 'Update `device_owner` of a port.', ['project']),
  rule(
    'update_port:mac_address',
    `(${adminOnly}) or (${service}) or ${networkManager}`,
    'Update `mac_address` of a port.',
    ['project'],
  ),
  rule('update_port:fixed_ips', trustedOrNetworkMember, 'Update `fixed_ips` of a port.', ['project']),
  rule('update_port:fixed_ips:ip_address', trustedOrNetworkMember, 'Choose a new address of a port.', [
    'project',
  ]),
  rule('update_port:fixed_ips:subnet_id', trustedOrShared, 'Choose a new subnet of a port.', ['project']),
  rule('update_port:port_security_enabled', trustedOrNetworkMember, 'Switch port security of a port.', [
    'project',
  ]),
  rule('update_port:binding:host_id', adminOrService, 'Bind a port to a host.', ['project']),
  rule('update_port:binding:profile', service, 'Update the binding profile of a port.', ['project']),
  rule('update_port:binding:vnic_type', trustedOrMember, 'Update the interface type of a port.', ['project']),
  ...['', ':mac_address', ':ip_address'].map((part) =>
    rule(`update_port:allowed_address_pairs${part}`, pairs, 'Update address pairs of a port.', ['project']),
  ),
  rule('update_port:tags', `${adminOrMember} or rule:context_is_advsvc`, 'Update port tags.', ['project']),
  rule('delete_port', `${trustedOrNetworkMember} or ${member}`, 'Delete a port.', ['project']),
  rule(
    'delete_port:tags',
    `rule:context_is_advsvc or ${member} or ${adminOrNetworkMember}`,
    'Delete port tags.',
    ['project'],
  ),
];
