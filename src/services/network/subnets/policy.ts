import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrNetworkMember, adminOrNetworkReader, member, reader, service } from '../policy.ts';

const memberOrNetworkOwner = `${member} or ${adminOrNetworkMember}`;
const anyReader = `${reader} or rule:shared or rule:external_network or ${adminOrNetworkReader}`;

/**
 * neutron/conf/policies/subnet.py. Only who owns the network adds subnets to it; who owns a subnet, as an administrator
 * may have made it for them, may change it. Whoever sees a shared or external network sees its subnets.
 */
export const subnetPolicies = [
  rule('external_network', 'field:subnets:router:external=True', 'What a subnet of an external network is.'),
  rule('create_subnet', adminOrNetworkMember, 'Create a subnet.', ['project']),
  rule('create_subnet:service_types', adminOnly, 'Give `service_types` to a new subnet.', ['project']),
  rule('create_subnet:tags', memberOrNetworkOwner, 'Create subnet tags.', ['project']),
  rule('get_subnet', `${anyReader} or ${service}`, 'Show subnets.', ['project']),
  rule('get_subnet:tags', anyReader, 'Show subnet tags.', ['project']),
  rule('update_subnet', memberOrNetworkOwner, 'Update a subnet.', ['project']),
  rule('update_subnet:service_types', adminOnly, 'Update `service_types` of a subnet.', ['project']),
  rule('update_subnet:tags', memberOrNetworkOwner, 'Update subnet tags.', ['project']),
  rule('delete_subnet', memberOrNetworkOwner, 'Delete a subnet.', ['project']),
  rule('delete_subnet:tags', memberOrNetworkOwner, 'Delete subnet tags.', ['project']),
];
