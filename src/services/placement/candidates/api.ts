import { endpointOf } from '#kit/http/endpoint.ts';

import { answer, answersJson } from '../requests.ts';
import type { Placement } from '../service.ts';
import { parseCandidateQuery } from './request.ts';
import { findCandidates } from './search.ts';
import { viewCandidates } from './view.ts';

const endpoint = endpointOf<Placement>();

/** https://docs.openstack.org/api-ref/placement/#allocation-candidates */
export const candidateEndpoints = [
  endpoint({
    method: 'GET',
    path: '/allocation_candidates',
    policy: 'placement:allocation_candidates:list',
    since: '1.10',
    status: 200,
    load: answersJson,
    handler: async (call) => {
      // its parameters have names made up by the caller: parsed by hand
      const request = parseCandidateQuery(call);
      const model = await call.service.model.current();
      const candidates = findCandidates(model, request, call.service.options);
      return answer(call, viewCandidates(model, request, candidates, call));
    },
  }),
];
