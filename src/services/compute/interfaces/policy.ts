import { rule } from '#kit/auth/policy.ts';

import { projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const guards = (name: string, check: string, description: string) =>
  rule(`os_compute_api:os-attach-interfaces:${name}`, check, description, ['project']);

/** nova/policies/attach_interfaces.py */
export const interfacePolicies = [
  guards('list', projectReaderOrAdmin, 'List the interfaces of a server.'),
  guards('show', projectReaderOrAdmin, 'Show an interface of a server.'),
  guards('create', projectMemberOrAdmin, 'Give a server an interface.'),
  guards('delete', projectMemberOrAdmin, 'Take an interface from a server.'),
];
