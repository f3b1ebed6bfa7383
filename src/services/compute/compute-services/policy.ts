import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

const services = 'os_compute_api:os-services';

/** nova/policies/services.py */
export const servicePolicies = [
  rule(`${services}:list`, admin, 'List the services of Compute.', ['project']),
  rule(`${services}:update`, admin, 'Enable, disable or force down a service.', ['project']),
  rule(`${services}:delete`, admin, 'Delete a service.', ['project']),
];
