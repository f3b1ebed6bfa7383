import type { Policy } from '#kit/auth/policy.ts';
import type { Api } from '#kit/http/api.ts';
import type { Endpoint } from '#kit/http/endpoint.ts';

import type { Answer, ApiClient } from '../support/api-client.ts';
import { type Persona, personas } from '../support/personas.ts';
import type { Outcome } from './matrix.ts';
import { type AuthzWorld, type Guard, type Guards, type Owner, paramsOf } from './world.ts';

const markerKey = 'refused by policy';

/** The same API, but a refusal by policy can be told from everything else that may be a 403. */
export function marked<Service>(api: Api<Service>): Api<Service> {
  return {
    ...api,
    faults: {
      ...api.faults,
      render: (error, context) =>
        error.details.type === 'PolicyNotAuthorized'
          ? { status: 403, contentType: 'application/json', body: JSON.stringify({ [markerKey]: true }) }
          : api.faults.render(error, context),
    },
  };
}

/**
 * The same endpoints, but nothing happens once policy has let a call through; only the handlers that check a rule
 * themselves do what they do.
 */
export function withoutEffects<Service>(api: Api<Service>, guards: Guards | undefined): Api<Service> {
  const still = (endpoint: Endpoint<Service>): Endpoint<Service> => {
    if (guardOf(endpoint, guards)) return endpoint;
    const { body: _, ...rest } = endpoint;
    const body = endpoint.action && ({ body: 'json' } as const);
    return { ...rest, ...body, status: 204, handler: () => undefined };
  };
  return {
    ...api,
    endpoints: api.endpoints.map(still),
    rootEndpoints: (api.rootEndpoints ?? []).map(still),
  };
}

/** What a handler checks itself. */
export const guardOf = ({ method, path, policy }: Endpoint, guards: Guards | undefined): Guard | undefined =>
  method === 'GET' && policy === null ? guards?.[path] : undefined;

/** Every endpoint of an API with its path from the root. */
export function endpointsOf(api: Api<never>): { endpoint: Endpoint; path: string }[] {
  return [
    ...(api.rootEndpoints ?? []).map((endpoint) => ({ endpoint, path: endpoint.path })),
    ...api.endpoints.map((endpoint) => ({ endpoint, path: (api.prefixes[0] ?? '') + endpoint.path })),
  ];
}

/** Calls an endpoint as a persona with one owner's things; the body says no more than which action is meant. */
export function callEndpoint(
  client: ApiClient,
  world: AuthzWorld,
  api: Api<never>,
  { endpoint, path }: { endpoint: Endpoint; path: string },
  as: Persona,
  owner: Owner,
): Promise<Answer> {
  const { params, query, headers } = world.ask(endpoint, owner);
  const filled = paramsOf(path).reduce(
    (text, name) => text.replace(`{${name}}`, encodeURIComponent(params[name] ?? `no-${name}`)),
    path,
  );
  const version = endpoint.until ?? api.microversions?.max;
  return client.send(endpoint.method, `/${filled}${query ? `?${query}` : ''}`, {
    as,
    headers: {
      ...headers,
      ...(version && { 'openstack-api-version': `${api.microversions!.serviceType} ${version}` }),
    },
    ...(bodyOf(endpoint) !== undefined && { body: bodyOf(endpoint) }),
  });
}

const bodyOf = (endpoint: Endpoint): unknown => {
  if (endpoint.action !== undefined) return { [endpoint.action]: null };
  return endpoint.method === 'GET' || endpoint.method === 'HEAD' || endpoint.method === 'DELETE'
    ? undefined
    : {};
};

/** What an answer says of policy. Throws for an answer that says nothing of it. */
export function outcomeOf(answer: Answer): Outcome {
  if (answer.status === 403 && (answer.body === '' || answer.body[markerKey])) return 'refused';
  if (answer.status === 404) return 'hidden';
  if (answer.status < 400) return 'allowed';
  throw new Error(`${answer.status} ${JSON.stringify(answer.body)} says nothing of policy`);
}

/** What the rules say should come of a call. */
export function expectedOutcome(
  policy: Policy,
  world: AuthzWorld,
  endpoint: Endpoint,
  as: Persona,
  owner: Owner,
): 'allowed' | 'refused' {
  const guard = guardOf(endpoint, world.guards);
  const rule = endpoint.policy ?? guard?.rule;
  if (rule === undefined || guard?.unless?.(owner, personas[as])) return 'allowed';
  const target = world.target(endpoint, owner, personas[as]);
  return policy.allows(rule, personas[as], target) ? 'allowed' : 'refused';
}
