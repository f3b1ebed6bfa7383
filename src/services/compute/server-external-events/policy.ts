import { rule } from '#kit/auth/policy.ts';

import { serviceOrAdmin } from '../policy.ts';

/** nova/policies/server_external_events.py */
export const serverExternalEventPolicies = [
  rule(
    'os_compute_api:os-server-external-events:create',
    serviceOrAdmin,
    'Tell of events that concern servers.',
    ['project'],
  ),
];
