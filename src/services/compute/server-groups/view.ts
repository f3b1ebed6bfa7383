import type { Version } from '#kit/http/microversion.ts';

import type { ServerGroup } from './store.ts';

/** A server group as the API shows it. */
export const viewServerGroup = (group: ServerGroup, viewer: { atLeast(version: Version): boolean }) => ({
  id: group.id,
  name: group.name,
  members: group.members,
  ...(viewer.atLeast('2.13') && { project_id: group.projectId, user_id: group.userId }),
  ...(viewer.atLeast('2.64')
    ? {
        policy: group.policy,
        rules: group.maxServerPerHost === null ? {} : { max_server_per_host: group.maxServerPerHost },
      }
    : // metadata never held anything
      { policies: [group.policy], metadata: {} }),
});
