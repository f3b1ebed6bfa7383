import { afterAll, beforeAll, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

const databases = sqliteDatabases();
let network: TestNetwork;
beforeAll(async () => {
  network = await serveNetwork(databases);
});
afterAll(() => network.close());

/** An agent as it still is when the host has been heard from again. */
const later = (agent: object) => ({
  ...agent,
  created_at: expect.any(String),
  started_at: expect.any(String),
  heartbeat_timestamp: expect.any(String),
});

test('without hosts there is no agent and no availability zone', async () => {
  expect((await network.client.get('/agents')).body).toEqual({ agents: [] });
  expect((await network.client.get('/availability_zones')).body).toEqual({ availability_zones: [] });
});

test('a host shows as an agent to administrators', async () => {
  network.fabric.addHost('host-1');
  network.fabric.addHost('host-2');
  const { agents } = (await network.client.get('/agents?host=host-1')).body;
  expect(agents).toEqual([
    expect.objectContaining({
      agent_type: 'OVN Controller Gateway agent',
      binary: 'ovn-controller',
      host: 'host-1',
      alive: true,
      admin_state_up: true,
      availability_zone: 'nova',
      heartbeat_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    }),
  ]);
  expect((await network.client.get(`/agents/${agents[0].id}`)).body.agent).toEqual(later(agents[0]));
  expect((await network.client.get('/agents/missing')).body.NeutronError).toMatchObject({
    type: 'AgentNotFound',
  });
  expect((await network.client.get('/agents?alive=true&fields=host')).body.agents).toEqual([
    { host: 'host-1' },
    { host: 'host-2' },
  ]);
  expect((await network.client.get(`/agents/${agents[0].id}`, { as: 'member' })).status).toBe(404);
  expect((await network.client.get('/agents', { as: 'member' })).body).toEqual({ agents: [] });
});

test('an administrator describes an agent, and can change nothing else', async () => {
  const [agent] = (await network.client.get('/agents?host=host-1')).body.agents;
  const put = (body: object, as = 'admin') =>
    network.client.put(`/agents/${agent.id}`, { agent: body }, { as });
  const described = later({ ...agent, description: 'in the attic' });
  expect((await put({ description: 'in the attic', admin_state_up: true })).body).toEqual({
    agent: described,
  });
  expect((await network.client.get('/agents?description=in the attic')).body.agents).toEqual([described]);
  expect((await put({ admin_state_up: false })).body.NeutronError).toEqual({
    type: 'BadRequest',
    message: 'Bad agent request: OVN agent status cannot be updated.',
    detail: '',
  });
  expect((await put({ host: 'elsewhere' })).status).toBe(400);
  expect((await put({ description: 'mine' }, 'member')).status).toBe(404);
});

test('an agent that is gone can be forgotten', async () => {
  network.fabric.addHost('host-9');
  const [agent] = (await network.client.get('/agents?host=host-9')).body.agents;
  expect((await network.client.delete(`/agents/${agent.id}`, { as: 'member' })).status).toBe(404);
  expect((await network.client.delete(`/agents/${agent.id}`)).status).toBe(204);
  expect((await network.client.delete(`/agents/${agent.id}`)).status).toBe(404);
});

test('the zone is there for networks and routers', async () => {
  expect((await network.client.get('/availability_zones', { as: 'reader' })).body).toEqual({
    availability_zones: [
      { name: 'nova', resource: 'network', state: 'available' },
      { name: 'nova', resource: 'router', state: 'available' },
    ],
  });
  const routers = await network.client.get('/availability_zones?resource=router');
  expect(routers.body.availability_zones).toHaveLength(1);
  expect((await network.make('networks', {})).availability_zones).toEqual([]);
});
