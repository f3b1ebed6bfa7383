import { rule } from '#kit/auth/policy.ts';

/** neutron/conf/policies/availability_zone.py. Zones are of no project: any reader sees them. */
export const availabilityZonePolicies = [
  rule('get_availability_zone', 'role:reader', 'Show availability zones.', ['project']),
];
