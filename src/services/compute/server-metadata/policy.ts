import { rule } from '#kit/auth/policy.ts';

import { projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const guards = (name: string, check: string, description: string) =>
  rule(`os_compute_api:server-metadata:${name}`, check, description, ['project']);

/** nova/policies/server_metadata.py */
export const serverMetadataPolicies = [
  guards('index', projectReaderOrAdmin, 'List the metadata of a server.'),
  guards('show', projectReaderOrAdmin, 'Show a metadata item of a server.'),
  guards('create', projectMemberOrAdmin, 'Set metadata items of a server.'),
  guards('update_all', projectMemberOrAdmin, 'Replace the metadata of a server.'),
  guards('update', projectMemberOrAdmin, 'Set a metadata item of a server.'),
  guards('delete', projectMemberOrAdmin, 'Remove a metadata item of a server.'),
];
