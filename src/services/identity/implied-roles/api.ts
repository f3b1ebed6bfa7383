import { forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { clash, found, refuseDangling, refuseDuplicate } from '../errors.ts';
import { selfLink } from '../links.ts';
import type { RoleGraph } from '../roles/graph.ts';
import type { Role } from '../roles/store.ts';
import { viewRoleBriefly } from '../roles/view.ts';
import type { Identity } from '../service.ts';

const endpoint = endpointOf<Identity>();

type InPair = Call<Identity, { prior_role_id: string; implied_role_id: string }>;

interface Pair {
  readonly graph: RoleGraph;
  readonly prior: Role;
  readonly implied: Role;
}

/** Both roles must be there, whoever asks. */
async function findPair({ service, params }: InPair): Promise<Pair> {
  const graph = await service.roleGraph.get();
  return {
    graph,
    prior: found(graph.role(params.prior_role_id), 'role', params.prior_role_id),
    implied: found(graph.role(params.implied_role_id), 'role', params.implied_role_id),
  };
}

/** No role may imply one of these: whoever could make implications would be one step from everything. */
const neverImplied = ['admin'];

/** https://docs.openstack.org/api-ref/identity/v3/#roles */
export const impliedRoleEndpoints = [
  endpoint({
    method: 'GET',
    path: '/role_inferences',
    policy: 'identity:list_role_inference_rules',
    status: 200,
    handler: async ({ service, request }) => {
      const graph = await service.roleGraph.get();
      return {
        role_inferences: graph.priors().map((prior) => ({
          prior_role: viewRoleBriefly(prior, request.origin),
          implies: viewImplied(graph, prior.id, request.origin),
        })),
      };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/roles/{prior_role_id}/implies',
    policy: 'identity:list_implied_roles',
    status: 200,
    load: async ({ service, params }) => {
      const graph = await service.roleGraph.get();
      return { graph, prior: found(graph.role(params.prior_role_id), 'role', params.prior_role_id) };
    },
    handler: ({ resource: { graph, prior }, request }) => ({
      role_inference: {
        prior_role: viewRoleBriefly(prior, request.origin),
        implies: viewImplied(graph, prior.id, request.origin),
      },
      links: { self: `${selfLink(request.origin, 'roles', prior.id)}/implies` },
    }),
  }),

  endpoint({
    method: 'GET',
    path: '/roles/{prior_role_id}/implies/{implied_role_id}',
    policy: 'identity:get_implied_role',
    status: 200,
    load: findPair,
    handler: ({ resource, request }) => {
      requireImplication(resource);
      return viewPair(resource, request.origin);
    },
  }),

  endpoint({
    method: 'HEAD',
    path: '/roles/{prior_role_id}/implies/{implied_role_id}',
    policy: 'identity:check_implied_role',
    status: 204,
    load: findPair,
    handler: ({ resource }) => requireImplication(resource),
  }),

  endpoint({
    method: 'PUT',
    path: '/roles/{prior_role_id}/implies/{implied_role_id}',
    policy: 'identity:create_implied_role',
    status: 201,
    load: findPair,
    handler: async ({ service, resource, request }) => {
      const { prior, implied } = resource;
      if (neverImplied.includes(implied.name) || (prior.domainId === null && implied.domainId !== null))
        throw forbidden(`${implied.id} cannot be an implied roles.`);
      const implication = { priorRoleId: prior.id, impliedRoleId: implied.id };
      const write = service.changes.apply((trx) => service.roles.imply(trx, implication));
      await refuseDangling(
        refuseDuplicate(write, () => clash('implied_role', 'Duplicate entry')),
        () => notFound(`Could not find role: ${prior.id}.`),
      );
      return viewPair(resource, request.origin);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/roles/{prior_role_id}/implies/{implied_role_id}',
    policy: 'identity:delete_implied_role',
    status: 204,
    load: findPair,
    handler: async ({ service, resource }) => {
      requireImplication(resource);
      const { prior, implied } = resource;
      await service.changes.apply((trx) =>
        service.roles.unimply(trx, { priorRoleId: prior.id, impliedRoleId: implied.id }),
      );
    },
  }),
];

function requireImplication({ graph, prior, implied }: Pair): void {
  if (!graph.impliedBy(prior.id).includes(implied.id))
    throw notFound(`${prior.id} does not imply ${implied.id}.`);
}

const viewImplied = (graph: RoleGraph, id: string, origin: string) =>
  graph.impliedBy(id).map((implied) => viewRoleBriefly(graph.role(implied)!, origin));

const viewPair = ({ prior, implied }: Pair, origin: string) => ({
  role_inference: {
    prior_role: viewRoleBriefly(prior, origin),
    implies: viewRoleBriefly(implied, origin),
  },
  links: { self: `${selfLink(origin, 'roles', prior.id)}/implies/${encodeURIComponent(implied.id)}` },
});
