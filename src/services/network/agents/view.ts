import type { NetAgent } from '#drivers/net/driver.ts';

/** A hypervisor's network agent as ML2/OVN shows one. */
export const viewAgent = (agent: NetAgent, availabilityZone: string, description: string) => ({
  id: agent.id,
  agent_type: agent.gateway ? 'OVN Controller Gateway agent' : 'OVN Controller agent',
  binary: 'ovn-controller',
  host: agent.host,
  topic: 'n/a',
  availability_zone: availabilityZone,
  admin_state_up: true,
  alive: agent.alive,
  description,
  configurations: { chassis_name: agent.id, physical_networks: agent.physicalNetworks },
  heartbeat_timestamp: timestamp(agent.lastSeen),
  created_at: timestamp(agent.lastSeen),
  started_at: timestamp(agent.lastSeen),
});

/** What calls about agents work on: filters and `fields` apply to the representation, for agents are in no table. */
export type AgentView = ReturnType<typeof viewAgent>;

/** `2026-11-20 09:52:00`: how Neutron writes the times of agents. */
const timestamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
