import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Policy } from '#kit/auth/policy.ts';
import { apis } from '#main/registry.ts';

import { type ApiClient, serveForTest } from '../support/api-client.ts';
import { type Persona, personas } from '../support/personas.ts';
import {
  callEndpoint,
  endpointsOf,
  expectedOutcome,
  guardOf,
  marked,
  outcomeOf,
  withoutEffects,
} from './call.ts';
import { type Outcomes, renderMatrix } from './matrix.ts';
import { subjects } from './subjects.ts';
import { type AuthzWorld, owners } from './world.ts';

type One = ReturnType<typeof endpointsOf>[number];

const nameOf = ({ endpoint, path }: One): string =>
  [endpoint.method, path, endpoint.action].filter(Boolean).join(' ');

const names = Object.keys(personas) as Persona[];

test('every API is tested', () => {
  expect(subjects.map(({ api }) => api.type).toSorted()).toEqual(apis.map(({ type }) => type).toSorted());
});

describe.each(subjects)('$api.type', ({ api, build }) => {
  const { type } = api;
  const all = endpointsOf(api);
  let world: AuthzWorld;
  beforeAll(async () => {
    world = await build();
  });
  afterAll(() => world?.close());

  const serve = (shown: typeof api) => serveForTest(shown, world.service as never);
  const policy = new Policy(api.policies, { ...(api.policyChecks && { custom: api.policyChecks }) });

  test('every endpoint lets in whom its rule allows, and nobody else', async () => {
    const { client, close } = await serve(marked(withoutEffects(api, world.guards)));
    const rows = [];
    const deviations: string[] = [];
    for (const one of all) {
      const rule = one.endpoint.policy ?? guardOf(one.endpoint, world.guards)?.rule;
      rows.push({ ...one, rule, outcomes: await outcomesOf(client, one, deviations) });
    }
    await close();
    expect(deviations).toEqual([]);
    await expect(renderMatrix(type, rows)).toMatchFileSnapshot(`matrix/${type}.txt`);
  });

  test('no endpoint fails on what it is not made for', async () => {
    const { client, close } = await serve(api);
    // what takes things away comes last
    const order = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'];
    const sorted = all.toSorted(
      (x, y) => order.indexOf(x.endpoint.method) - order.indexOf(y.endpoint.method),
    );
    const failures: string[] = [];
    for (const one of sorted) {
      for (const as of ['nobody', 'member', 'admin'] as const) {
        const answer = await callEndpoint(client, world, api, one, as, 'a');
        if (answer.status >= 500) failures.push(`${nameOf(one)} as ${as}: ${answer.status}`);
      }
    }
    await close();
    expect(failures).toEqual([]);
  });

  /** What comes of calls by everyone on everything; what should not be is added to `deviations`. */
  async function outcomesOf(client: ApiClient, one: One, deviations: string[]): Promise<Outcomes> {
    const outcomes: Record<string, Record<string, string>> = {};
    for (const as of names) {
      outcomes[as] = {};
      for (const owner of owners) {
        const outcome = outcomeOf(await callEndpoint(client, world, api, one, as, owner));
        const expected = expectedOutcome(policy, world, one.endpoint, as, owner);
        const fits = outcome === expected || (expected === 'refused' && outcome === 'hidden');
        if (!fits) deviations.push(`${nameOf(one)} as ${as} on ${owner}: ${outcome}, not ${expected}`);
        outcomes[as][owner] = outcome;
      }
    }
    return outcomes as Outcomes;
  }
});
