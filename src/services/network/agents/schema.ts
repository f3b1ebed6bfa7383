import { attributes } from '../resource/attribute.ts';
import { anything, bool, text } from '../resource/values.ts';

const shown = { type: text(255), filter: true } as const;

/** neutron_lib/api/definitions/agent.py; of OVN's agents only the description can be changed. */
export const agentAttributes = attributes({
  id: shown,
  agent_type: shown,
  binary: shown,
  host: shown,
  topic: shown,
  availability_zone: shown,
  description: { ...shown, put: true },
  admin_state_up: { type: bool, put: true, filter: true },
  alive: { type: bool, filter: true },
  configurations: { type: anything },
  heartbeat_timestamp: { type: text(32) },
  created_at: { type: text(32) },
  started_at: { type: text(32) },
});
