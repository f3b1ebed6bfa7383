import { rule } from '#kit/auth/policy.ts';

import { admin, anyone } from '../policy.ts';

const aggregates = 'os_compute_api:os-aggregates';
const zones = 'os_compute_api:os-availability-zone';

/** nova/policies/aggregates.py */
export const aggregatePolicies = [
  rule(`${aggregates}:index`, admin, 'List aggregates.', ['project']),
  rule(`${aggregates}:show`, admin, 'Show an aggregate.', ['project']),
  rule(`${aggregates}:create`, admin, 'Create an aggregate.', ['project']),
  rule(`${aggregates}:update`, admin, "Change an aggregate's name or zone.", ['project']),
  rule(`${aggregates}:delete`, admin, 'Delete an aggregate.', ['project']),
  rule(`${aggregates}:add_host`, admin, 'Add a host to an aggregate.', ['project']),
  rule(`${aggregates}:remove_host`, admin, 'Take a host out of an aggregate.', ['project']),
  rule(`${aggregates}:set_metadata`, admin, "Set an aggregate's metadata.", ['project']),
  rule('compute:aggregates:images', admin, 'Fetch images to the hosts of an aggregate.', ['project']),
];

/** nova/policies/availability_zone.py */
export const zonePolicies = [
  rule(`${zones}:list`, anyone, 'List availability zones.', ['project']),
  rule(`${zones}:detail`, admin, 'List availability zones with their hosts.', ['project']),
];
