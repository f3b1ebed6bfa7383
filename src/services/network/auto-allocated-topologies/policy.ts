import { rule } from '#kit/auth/policy.ts';

import { adminOrMember, adminOrReader } from '../policy.ts';

/** neutron/conf/policies/auto_allocated_topology.py. Readers may have a topology made: that is what the GET is for. */
export const topologyPolicies = [
  rule('get_auto_allocated_topology', adminOrReader, "Get, and so make, a project's own topology.", [
    'project',
  ]),
  rule('delete_auto_allocated_topology', adminOrMember, "Delete a project's own topology.", ['project']),
];
