import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

const readers = [
  ['list_projects_associated_with_endpoint_group', 'List all projects associated with an endpoint group.'],
  ['list_endpoints_associated_with_endpoint_group', 'List all endpoints associated with an endpoint group.'],
  ['get_endpoint_group_in_project', 'Check if an endpoint group is associated with a project.'],
  ['list_endpoint_groups_for_project', 'List endpoint groups associated with a specific project.'],
  ['list_projects_for_endpoint', 'List projects allowed to access an endpoint.'],
  ['check_endpoint_in_project', 'Check if a project is allowed to access an endpoint.'],
  ['list_endpoints_for_project', 'List the endpoints a project is allowed to access.'],
] as const;

const writers = [
  ['add_endpoint_group_to_project', 'Allow a project to access an endpoint group.'],
  ['remove_endpoint_group_from_project', 'Remove endpoint group from project.'],
  ['add_endpoint_to_project', 'Allow project to access an endpoint.'],
  ['remove_endpoint_from_project', 'Remove access to an endpoint from a project.'],
] as const;

/** keystone/common/policies/project_endpoint.py, and the part of endpoint_group.py about projects. */
export const endpointFilterPolicies = [
  ...readers.map(([name, what]) => rule(`identity:${name}`, adminOrSystemReader, what, systemOrProject)),
  ...writers.map(([name, what]) => rule(`identity:${name}`, adminRequired, what, systemOrProject)),
];
