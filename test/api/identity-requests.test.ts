import { describe, expect, test } from 'vitest';

import type { Endpoint } from '#kit/http/endpoint.ts';
import { Validator } from '#kit/http/validation.ts';
import { identityApi } from '#services/identity/api.ts';

/** What Keystone's own schemas say of bodies, and in which words they refuse them. */
const cases: readonly [operation: string, body: unknown, refusal?: string][] = [
  ['POST /regions', { region: { id: null } }],
  ['POST /regions', { region: { id: '' } }],
  ['PATCH /regions/{region_id}', { region: { id: '' } }, invalid('id', '', "'' should be non-empty")],
  [
    'PATCH /regions/{region_id}',
    { region: { description: 0 } },
    invalid('description', 0, "0 is not of type 'string', 'null'"),
  ],
  ['POST /domains', { domain: { name: ' ' } }, invalid('name', ' ', "' ' does not match '[\\\\S]+'")],
  [
    'POST /domains',
    { domain: { name: 'd', explicit_domain_id: 'a b' } },
    invalid('explicit_domain_id', 'a b', "'a b' does not match '^[a-zA-Z0-9-]+$'"),
  ],
  [
    'POST /domains',
    { domain: { name: 'd', description: 'x'.repeat(256) } },
    invalid('description', 'x'.repeat(256), `'${'x'.repeat(256)}' is too long`),
  ],
  ['PATCH /endpoints/{endpoint_id}', { endpoint: { region_id: '' } }],
  [
    'PATCH /endpoints/{endpoint_id}',
    { endpoint: { interface: 0 } },
    invalid('interface', 0, "0 is not of type 'string'"),
  ],
  ['PATCH /endpoints/{endpoint_id}', { endpoint: {} }, invalid('endpoint', '{}', '{} should be non-empty')],
  [
    'POST /OS-EP-FILTER/endpoint_groups',
    { endpoint_group: { name: 'g', filters: { enabled: 'yes' } } },
    invalid('enabled', 'yes', "'yes' is not of type 'boolean'"),
  ],
  [
    'POST /registered_limits',
    { registered_limits: [{ service_id: 'a', resource_name: 'r', default_limit: 1 }] },
    invalid('service_id', 'a', "'a' is not a 'uuid'"),
  ],
];

function invalid(field: string, value: string | number, problem: string): string {
  return `Invalid input for field/attribute ${field}. Value: ${value}. ${problem}`;
}

describe('bodies are taken and refused as Keystone does', () => {
  test.each(cases)('%s %o', (operation, body, refusal) => {
    const [method, path] = operation.split(' ');
    const endpoint = (identityApi.endpoints as readonly Endpoint[]).find(
      (e) => e.method === method && e.path === path,
    );
    const problem = new Validator(endpoint!.body as object).check(body, 0);
    expect(problem && identityApi.faults.invalid(problem, 'body').message).toBe(refusal);
  });
});

describe('queries are refused as Keystone does', () => {
  test.each([
    ['/regions', { colour: 'red' }, "Additional properties are not allowed ('colour' was unexpected)"],
    [
      '/OS-EP-FILTER/endpoint_groups',
      { limit: '1' },
      "Additional properties are not allowed ('limit' was unexpected)",
    ],
    ['/users', { sort_dir: 'up' }, invalid('sort_dir', 'up', "'up' is not one of ['asc', 'desc']")],
    ['/groups', { sort_dir: 'up' }, invalid('sort_dir', 'up', "'up' is not one of ['asc', 'desc']")],
    ['/limits', { service_id: 'a' }, invalid('service_id', 'a', "'a' is not a 'uuid'")],
    [
      '/projects',
      { enabled: 'maybe' },
      expect.stringContaining("'maybe' is not one of [True, 'True', 'TRUE', 'true', False, "),
    ],
  ])('GET %s %o', (path, query, refusal) => {
    const endpoint = (identityApi.endpoints as readonly Endpoint[]).find(
      (e) => e.method === 'GET' && e.path === path,
    );
    const problem = new Validator(endpoint!.query!).check(query, 0);
    expect(problem && identityApi.faults.invalid(problem, 'query').message).toEqual(refusal);
  });
});
