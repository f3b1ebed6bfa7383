import { rule } from '#kit/auth/policy.ts';

/** neutron/conf/policies/availability_zone.py */
export const availabilityZonePolicies = [
  rule('get_availability_zone', 'role:reader', 'Show availability zones.', ['project']),
];
