import { rule } from '#kit/auth/policy.ts';

import { adminOrManager, adminOrMember, adminOrReader } from '../policy.ts';

/** neutron/conf/policies/floatingip.py: members take and lead them, only managers choose which address. */
export const floatingIpPolicies = [
  rule('create_floatingip', adminOrMember, 'Create a floating ip.', ['project']),
  rule('create_floatingip:floating_ip_address', adminOrManager, 'Choose the address of a floating ip.', [
    'project',
  ]),
  rule('create_floatingip:tags', adminOrMember, 'Create floating ip tags.', ['project']),
  rule('get_floatingip', adminOrReader, 'Show floating ips.', ['project']),
  rule('get_floatingip:tags', adminOrReader, 'Show floating ip tags.', ['project']),
  rule('update_floatingip', adminOrMember, 'Update a floating ip.', ['project']),
  rule('update_floatingip:tags', adminOrMember, 'Update floating ip tags.', ['project']),
  rule('delete_floatingip', adminOrMember, 'Delete a floating ip.', ['project']),
  rule('delete_floatingip:tags', adminOrMember, 'Delete floating ip tags.', ['project']),
];
