import { rule } from '#kit/auth/policy.ts';

import { admin, projectReaderOrAdmin } from '../policy.ts';

/** nova/policies/server_topology.py */
export const serverTopologyPolicies = [
  rule('compute:server:topology:index', projectReaderOrAdmin, "See a server's NUMA topology.", ['project']),
  rule('compute:server:topology:host:index', admin, "See the host's part of a server's NUMA topology.", [
    'project',
  ]),
];
