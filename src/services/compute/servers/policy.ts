import { type PolicyRule, rule } from '#kit/auth/policy.ts';

import { admin, projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const project = ['project'] as const;
const servers = (name: string, check: string, description: string): PolicyRule =>
  rule(`os_compute_api:servers:${name}`, check, description, project);

/** nova/policies/servers.py and extended_server_attributes.py */
export const serverPolicies = [
  servers('index', projectReaderOrAdmin, 'List servers.'),
  servers('detail', projectReaderOrAdmin, 'List servers with details.'),
  servers('index:get_all_tenants', admin, 'List the servers of all projects.'),
  servers('detail:get_all_tenants', admin, 'List the servers of all projects with details.'),
  servers('allow_all_filters', admin, 'Use every filter when listing servers.'),
  servers('show', projectReaderOrAdmin, 'Show a server.'),
  servers('show:flavor-extra-specs', projectReaderOrAdmin, "See the extra specs of a server's flavor."),
  servers('show:host_status', admin, "See the status of a server's host."),
  servers('show:host_status:unknown-only', admin, "See that the status of a server's host is unknown."),
  servers('create', projectMemberOrAdmin, 'Create a server.'),
  servers('create:forced_host', admin, 'Create a server on a host of choice, past the scheduler.'),
  rule(
    'compute:servers:create:requested_destination',
    admin,
    'Create a server on a host of choice, if the scheduler agrees.',
    project,
  ),
  servers('create:attach_volume', projectMemberOrAdmin, 'Create a server with block devices.'),
  servers('create:attach_network', projectMemberOrAdmin, 'Create a server on networks of choice.'),
  servers('create:trusted_certs', projectMemberOrAdmin, 'Create a server with trusted certificates.'),
  servers('create:zero_disk_flavor', admin, 'Create a server from an image with a flavor without a disk.'),
  rule('network:attach_external_network', admin, 'Put a server on an external network.', project),
  servers('delete', projectMemberOrAdmin, 'Delete a server.'),
  servers('update', projectMemberOrAdmin, 'Change a server.'),
  servers('confirm_resize', projectMemberOrAdmin, 'Confirm a resize.'),
  servers('revert_resize', projectMemberOrAdmin, 'Revert a resize.'),
  servers('reboot', projectMemberOrAdmin, 'Reboot a server.'),
  servers('resize', projectMemberOrAdmin, 'Resize a server.'),
  servers('rebuild', projectMemberOrAdmin, 'Rebuild a server.'),
  servers('rebuild:trusted_certs', projectMemberOrAdmin, 'Rebuild a server with trusted certificates.'),
  servers('create_image', projectMemberOrAdmin, 'Make an image of a server.'),
  servers('start', projectMemberOrAdmin, 'Start a server.'),
  servers('stop', projectMemberOrAdmin, 'Stop a server.'),
  servers('trigger_crash_dump', projectMemberOrAdmin, 'Have a guest write a crash dump.'),
  rule(
    'os_compute_api:os-extended-server-attributes',
    admin,
    'See the host, hypervisor and instance name of a server.',
    project,
  ),
];
