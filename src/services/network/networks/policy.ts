import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrMember, adminOrReader, service } from '../policy.ts';

const open = 'rule:shared or rule:external or rule:context_is_advsvc';
const providerAttributes = ['network_type', 'physical_network', 'segmentation_id'].map(
  (n) => `provider:${n}`,
);

/**
 * neutron/conf/policies/network.py. Members of a project work on its networks; whatever reaches beyond the project, such
 * as sharing, external networks and the physical network, is for administrators.
 */
export const networkPolicies = [
  rule('external', 'field:networks:router:external=True', 'What an external network is.'),
  rule('create_network', adminOrMember, 'Create a network.', ['project']),
  ...['shared', 'router:external', 'is_default', ...providerAttributes].map((name) =>
    rule(`create_network:${name}`, adminOnly, `Give \`${name}\` to a new network.`, ['project']),
  ),
  rule(
    'create_network:port_security_enabled',
    adminOrMember,
    'Give `port_security_enabled` to a new network.',
    ['project'],
  ),
  rule('create_network:tags', adminOrMember, 'Create network tags.', ['project']),
  rule('get_network', `${adminOrReader} or ${service} or ${open}`, 'Show networks.', ['project']),
  ...providerAttributes.map((name) =>
    rule(`get_network:${name}`, adminOnly, `See \`${name}\` of networks.`, ['project']),
  ),
  rule('get_network:tags', `${adminOrReader} or ${open}`, 'Show network tags.', ['project']),
  rule('update_network', adminOrMember, 'Update a network.', ['project']),
  ...['shared', 'router:external', 'is_default', ...providerAttributes].map((name) =>
    rule(`update_network:${name}`, adminOnly, `Update \`${name}\` of a network.`, ['project']),
  ),
  rule(
    'update_network:port_security_enabled',
    adminOrMember,
    'Update `port_security_enabled` of a network.',
    ['project'],
  ),
  rule('update_network:tags', adminOrMember, 'Update network tags.', ['project']),
  rule('delete_network', adminOrMember, 'Delete a network.', ['project']),
  rule('delete_network:tags', adminOrMember, 'Delete network tags.', ['project']),
];
