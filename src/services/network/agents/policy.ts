import { rule } from '#kit/auth/policy.ts';

import { adminOnly } from '../policy.ts';

/** neutron/conf/policies/agent.py. All for administrators: agents tell hosts' names. */
export const agentPolicies = [
  rule('get_agent', adminOnly, 'Show agents.', ['project']),
  rule('update_agent', adminOnly, 'Describe an agent.', ['project']),
  rule('delete_agent', adminOnly, 'Forget an agent that is gone.', ['project']),
];
