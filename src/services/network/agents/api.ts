import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { trimmed } from '../resource/access.ts';
import { readUpdate } from '../resource/body.ts';
import { listInMemory } from '../resource/in-memory.ts';
import { readFields } from '../resource/query.ts';
import type { Network } from '../service.ts';
import { agentAttributes } from './schema.ts';
import { agentNotes, describeAgent, forgetAgent } from './store.ts';
import { type AgentView, viewAgent } from './view.ts';

const endpoint = endpointOf<Network>();
const noun = { name: 'agent', collection: 'agents', attributes: agentAttributes };

/** https://docs.openstack.org/api-ref/network/v2/#agents */
export const agentEndpoints = [
  endpoint({
    method: 'GET',
    path: '/agents',
    policy: null,
    status: 200,
    // whoever may not see agents sees none
    handler: async (call) => ({
      agents: listInMemory(
        call.allows('get_agent') ? await agents(call.service) : [],
        agentAttributes,
        call.query,
      ),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/agents/{id}',
    policy: null,
    load: findAgent,
    status: 200,
    handler: ({ resource, query }) => ({ agent: trimmed({ ...resource }, [], readFields(query)) }),
  }),
  endpoint({
    method: 'PUT',
    path: '/agents/{id}',
    policy: 'update_agent',
    load: findAgent,
    body: 'json',
    status: 200,
    handler: async ({ service, resource, body }) => {
      const changes = readUpdate(noun, body, { projectId: undefined, anyProject: true });
      if (changes.admin_state_up === false)
        throw badRequest('Bad agent request: OVN agent status cannot be updated.', { type: 'BadRequest' });
      const { description } = changes as { description?: string };
      if (description === undefined) return { agent: resource };
      await describeAgent(service.db, resource.id, description);
      return { agent: { ...resource, description } };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/agents/{id}',
    policy: 'delete_agent',
    load: findAgent,
    status: 204,
    // one that lives makes itself known again
    handler: async ({ service, resource }) => {
      await service.driver.removeAgent(resource.id);
      await forgetAgent(service.db, resource.id);
    },
  }),
];

async function findAgent(call: Call<Network, { id: string }>): Promise<AgentView> {
  const { service, params } = call;
  const found = (await agents(service)).find((agent) => agent.id === params.id);
  if (!found || !call.allows('get_agent'))
    throw notFound(`Agent ${params.id} could not be found.`, { type: 'AgentNotFound' });
  return found;
}

async function agents({ db, driver, settings }: Network): Promise<AgentView[]> {
  const found = await driver.agents();
  const notes = await agentNotes(db);
  return found.map((agent) => viewAgent(agent, settings.availability_zone, notes.get(agent.id) ?? ''));
}
