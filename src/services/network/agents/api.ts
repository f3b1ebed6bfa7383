import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { trimmed } from '../resource/access.ts';
import { listInMemory } from '../resource/in-memory.ts';
import { readFields } from '../resource/query.ts';
import type { Network } from '../service.ts';
import { agentAttributes } from './schema.ts';
import { viewAgent } from './view.ts';

const endpoint = endpointOf<Network>();

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
    status: 200,
    handler: async (call) => {
      const { service, params, query } = call;
      const found = (await agents(service)).find((agent) => agent.id === params.id);
      if (!found || !call.allows('get_agent'))
        throw notFound(`Agent ${params.id} could not be found.`, { type: 'AgentNotFound' });
      return { agent: trimmed(found, [], readFields(query)) };
    },
  }),
];

const agents = async (service: Network) =>
  (await service.driver.agents()).map((agent) => viewAgent(agent, service.settings.availability_zone));
