import { rule } from '#kit/auth/policy.ts';

/** neutron/conf/policies/service_type.py. Providers are of no project: any reader sees them. */
export const serviceProviderPolicies = [
  rule('get_service_provider', 'role:reader', 'Show what provides services.', ['project']),
];
