import { rule } from '#kit/auth/policy.ts';

import { admin, projectReaderOrAdmin } from '../policy.ts';

const usage = 'os_compute_api:os-simple-tenant-usage';

/** nova/policies/simple_tenant_usage.py */
export const usagePolicies = [
  rule(`${usage}:show`, projectReaderOrAdmin, "Show a project's usage.", ['project']),
  rule(`${usage}:list`, admin, 'List the usage of all projects.', ['project']),
];
