import { type PolicyRule, rule } from '#kit/auth/policy.ts';

import { admin, projectMemberOrAdmin } from '../policy.ts';

const project = ['project'] as const;
const guards = (name: string, check: string, description: string): PolicyRule =>
  rule(`os_compute_api:${name}`, check, description, project);

/** nova/policies, the files of single actions. */
export const serverActionPolicies = [
  guards('os-pause-server:pause', projectMemberOrAdmin, 'Pause a server.'),
  guards('os-pause-server:unpause', projectMemberOrAdmin, 'Unpause a server.'),
  guards('os-suspend-server:suspend', projectMemberOrAdmin, 'Suspend a server.'),
  guards('os-suspend-server:resume', projectMemberOrAdmin, 'Resume a server.'),
  guards('os-rescue', projectMemberOrAdmin, 'Rescue a server.'),
  guards('os-unrescue', projectMemberOrAdmin, 'Unrescue a server.'),
  guards('os-shelve:shelve', projectMemberOrAdmin, 'Shelve a server.'),
  guards('os-shelve:unshelve', projectMemberOrAdmin, 'Unshelve a server.'),
  guards('os-shelve:unshelve_to_host', admin, 'Unshelve a server to a host of choice.'),
  guards('os-shelve:shelve_offload', admin, 'Remove a shelved server from its host.'),
  guards('os-lock-server:lock', projectMemberOrAdmin, 'Lock a server.'),
  guards('os-lock-server:unlock', projectMemberOrAdmin, 'Unlock a server.'),
  guards('os-lock-server:unlock:unlock_override', admin, 'Unlock a server that somebody else locked.'),
  guards('os-create-backup', projectMemberOrAdmin, 'Back a server up.'),
  guards('os-admin-actions:inject_network_info', admin, 'Tell a guest of its networks anew.'),
  guards('os-admin-password', projectMemberOrAdmin, "Change the password of a server's administrator."),
  guards('os-deferred-delete:restore', projectMemberOrAdmin, 'Bring a deleted server back.'),
  guards('os-deferred-delete:force', projectMemberOrAdmin, 'Delete a server at once.'),
  guards('os-admin-actions:reset_state', admin, 'Set the state of a server.'),
  guards('os-console-output', projectMemberOrAdmin, "Read a server's console output."),
  guards('os-security-groups:add', projectMemberOrAdmin, 'Put a server into a security group.'),
  guards('os-security-groups:remove', projectMemberOrAdmin, 'Take a server out of a security group.'),
  guards('os-multinic:add', projectMemberOrAdmin, 'Give a server a fixed address on a network.'),
  guards('os-multinic:remove', projectMemberOrAdmin, 'Take a fixed address from a server.'),
  guards('os-floating-ips:add', projectMemberOrAdmin, 'Give a server a floating address.'),
  guards('os-floating-ips:remove', projectMemberOrAdmin, 'Take a floating address from a server.'),
];
