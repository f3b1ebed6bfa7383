import { rule } from '#kit/auth/policy.ts';

import { projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const guards = (name: string, check: string, description: string) =>
  rule(`os_compute_api:os-server-tags:${name}`, check, description, ['project']);

/** nova/policies/server_tags.py */
export const serverTagPolicies = [
  guards('index', projectReaderOrAdmin, 'List the tags of a server.'),
  guards('show', projectReaderOrAdmin, 'See whether a server has a tag.'),
  guards('update_all', projectMemberOrAdmin, 'Replace the tags of a server.'),
  guards('update', projectMemberOrAdmin, 'Add a tag to a server.'),
  guards('delete', projectMemberOrAdmin, 'Remove a tag from a server.'),
  guards('delete_all', projectMemberOrAdmin, 'Remove all tags from a server.'),
];
