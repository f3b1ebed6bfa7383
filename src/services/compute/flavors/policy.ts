import { rule } from '#kit/auth/policy.ts';

import { admin, projectReaderOrAdmin } from '../policy.ts';

const manage = 'os_compute_api:os-flavor-manage';
const specs = 'os_compute_api:os-flavor-extra-specs';
const access = 'os_compute_api:os-flavor-access';

/** nova/policies/flavor_manage.py, flavor_extra_specs.py, flavor_access.py. Reading flavors needs no more than a token. */
export const flavorPolicies = [
  rule(`${manage}:create`, admin, 'Create a flavor.', ['project']),
  rule(`${manage}:update`, admin, 'Update a flavor.', ['project']),
  rule(`${manage}:delete`, admin, 'Delete a flavor.', ['project']),
  rule(`${specs}:index`, projectReaderOrAdmin, "List a flavor's extra specs.", ['project']),
  rule(`${specs}:show`, projectReaderOrAdmin, 'Show an extra spec.', ['project']),
  rule(`${specs}:create`, admin, 'Create extra specs.', ['project']),
  rule(`${specs}:update`, admin, 'Update an extra spec.', ['project']),
  rule(`${specs}:delete`, admin, 'Delete an extra spec.', ['project']),
  rule(access, admin, 'List the projects a flavor is for.', ['project']),
  rule(`${access}:add_tenant_access`, admin, 'Let a project use a flavor.', ['project']),
  rule(`${access}:remove_tenant_access`, admin, 'Take a flavor from a project.', ['project']),
];
