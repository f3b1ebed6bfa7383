import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import type { Endpoint } from '#kit/http/endpoint.ts';
import { type Version, type VersionNumber, versionNumber, versionText } from '#kit/http/microversion.ts';
import { Validator } from '#kit/http/validation.ts';
import { computeApi } from '#services/compute/api.ts';

/**
 * What Nova's own schemas say of thousands of requests, each microversion apart. An operation has a smallest valid body for
 * every stretch of versions in which its schema is the same; a case changes one place of it, and its outcome has one
 * character for each stretch: 1 is taken, 0 refused, - does not apply.
 */
interface Contract {
  readonly bodies: readonly (Operation & {
    readonly bases: readonly unknown[];
    readonly cases: readonly BodyCase[];
  })[];
  readonly queries: readonly (Operation & { readonly cases: readonly QueryCase[] })[];
}

interface Operation {
  /** Method, path and, for actions, the action. */
  readonly operation: string;
  /** Stretches of versions, e.g. `2.1-2.18`; the last is open. */
  readonly versions: readonly string[];
}

/** A place, the outcome, and what is put there; nothing takes away what is there. */
type BodyCase = readonly [path: readonly string[], outcome: string, ...value: unknown[]];
type QueryCase = readonly [name: string, outcome: string, value: string | readonly string[]];

const contract = JSON.parse(
  readFileSync(new URL('../../docs/compat/contract/compute.requests.json', import.meta.url), 'utf8'),
) as Contract;

describe('bodies are taken and refused as Nova does', () => {
  test.each(contract.bodies)('$operation', ({ operation, versions, bases, cases }) => {
    const decide = decisionsOn(operation, 'body');
    const differing = cases.flatMap(([path, expected, ...value]) => {
      const body = (stretch: number) => changed(bases[stretch], path, value);
      return differences(versions, expected, decide, body).map((at) => ({ path, value, at }));
    });
    expect(differing).toEqual([]);
  });
});

describe('queries are taken and refused as Nova does', () => {
  test.each(contract.queries)('$operation', ({ operation, versions, cases }) => {
    const decide = decisionsOn(operation, 'query');
    const differing = cases.flatMap(([name, expected, value]) =>
      differences(versions, expected, decide, () => ({ [name]: [value].flat() })).map((at) => ({
        name,
        value,
        at,
      })),
    );
    expect(differing).toEqual([]);
  });
});

/** Of what Nova's jsonschema says, one of each kind. */
const refusals: readonly [operation: string, version: Version, body: unknown, message: string][] = [
  ['POST /flavors', '2.1', null, "None is not of type 'object'"],
  ['POST /flavors', '2.1', { flavour: {} }, "'flavor' is a required property"],
  [
    'POST /flavors',
    '2.1',
    { flavor: { name: '', ram: 1, vcpus: 1, disk: 1 } },
    "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
  ],
  [
    'POST /flavors',
    '2.1',
    { flavor: { name: 'a', ram: '', vcpus: 1, disk: 1 } },
    "Invalid input for field/attribute ram. Value: . '' does not match '^[0-9]+$'",
  ],
  [
    'POST /flavors',
    '2.1',
    { flavor: { name: 'a', ram: 1, vcpus: 1, disk: 1, rxtx_factor: 0 } },
    'Invalid input for field/attribute rxtx_factor. Value: 0. 0 is less than or equal to the minimum of 0',
  ],
  [
    'POST /servers',
    '2.1',
    { server: { name: 'a', flavorRef: 'a', min_count: '' } },
    "Invalid input for field/attribute min_count. Value: . '' should be non-empty",
  ],
  [
    'POST /servers',
    '2.1',
    { server: { name: 'a', flavorRef: 'a' }, 'os:scheduler_hints': { target_cell: '' } },
    "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
  ],
  [
    'POST /os-keypairs',
    '2.1',
    { keypair: { name: 'a.b' } },
    "Invalid input for field/attribute name. Value: a.b. 'a.b' does not match '^[_\\\\- a-zA-Z0-9]+$'",
  ],
  [
    'POST /os-server-external-events',
    '2.1',
    { events: [{}] },
    "Invalid input for field/attribute 0. Value: {}. 'name' is a required property",
  ],
  [
    'POST /servers/{server_id}/action rescue',
    '2.1',
    { rescue: { unknown_thing: 'x' } },
    "Invalid input for field/attribute rescue. Value: {'unknown_thing': 'x'}. Additional properties are not allowed ('unknown_thing' was unexpected)",
  ],
  [
    'POST /servers/{server_id}/action rebuild',
    '2.57',
    { rebuild: { imageRef: '6a1cf8d6-31a7-4e60-9a3d-4a8f1e0f2b11', user_data: 0 } },
    "Invalid input for field/attribute user_data. Value: 0. 0 is not of type 'string', 'null'",
  ],
  [
    'PUT /servers/{server_id}/metadata/{id}',
    '2.1',
    { meta: {} },
    'Invalid input for field/attribute meta. Value: {}. {} should be non-empty',
  ],
];

describe('what is refused is refused in the words of Nova', () => {
  test.each(refusals)('%s in %s %o', (operation, version, body, message) => {
    const number = versionNumber(version);
    const endpoint = endpointsOf(operation).find((candidate) => existsIn(candidate, number));
    const problem = new Validator(endpoint!.body as object).check(body, number);
    expect(problem && computeApi.faults.invalid(problem, 'body').message).toBe(message);
  });
});

type Decide = (version: VersionNumber, value: unknown) => '0' | '1' | undefined;

/** What our schemas say; undefined where the operation is not there. */
function decisionsOn(operation: string, part: 'body' | 'query'): Decide {
  const candidates = endpointsOf(operation).map((endpoint) => {
    const schema = endpoint[part];
    return { endpoint, validator: typeof schema === 'object' ? new Validator(schema) : undefined };
  });
  return (version, value) => {
    const found = candidates.find(({ endpoint }) => existsIn(endpoint, version));
    if (!found) return undefined;
    return found.validator?.check(value, version) ? '0' : '1';
  };
}

function endpointsOf(operation: string): Endpoint[] {
  const [method, path, action] = operation.split(' ');
  const anonymous = (text: string) => text.replaceAll(/\{[^}]+\}/g, '{}');
  const found = (computeApi.endpoints as readonly Endpoint[]).filter(
    (endpoint) =>
      endpoint.method === method &&
      anonymous(endpoint.path) === anonymous(path!) &&
      endpoint.action === action,
  );
  expect(found, operation).not.toEqual([]);
  return found;
}

const existsIn = ({ since, until }: Endpoint, version: VersionNumber): boolean =>
  (!since || version >= versionNumber(since)) && (!until || version <= versionNumber(until));

/** The versions whose decision is not the expected one. */
function differences(
  versions: readonly string[],
  expected: string,
  decide: Decide,
  valueIn: (stretch: number) => unknown,
): string[] {
  return versions.flatMap((stretch, i) => {
    if (expected[i] === '-') return [];
    const value = valueIn(i);
    return versionsOf(stretch).flatMap((version) => {
      const decided = decide(versionNumber(version), value);
      return decided === undefined || decided === expected[i]
        ? []
        : [`${version}: ${decided}, not ${expected[i]}`];
    });
  });
}

/** The versions of `2.1-2.18`, `2.32` or `2.94-`. */
function versionsOf(stretch: string): Version[] {
  const [first, last = first] = stretch.split('-') as (Version | '')[];
  const newest = computeApi.microversions!.max;
  const until = versionNumber(last === '' ? newest : last!);
  const length = until - versionNumber(first as Version) + 1;
  return Array.from({ length }, (_, i) => versionText(versionNumber(first as Version) + i));
}

/** A copy of `base` with another value at `path`, or with none there. */
function changed(base: unknown, path: readonly string[], [value]: readonly unknown[]): unknown {
  if (path.length === 0) return value;
  const copy = structuredClone(base) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[path.at(-1)!];
  else parent[path.at(-1)!] = value;
  return copy;
}
