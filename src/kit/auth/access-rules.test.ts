import { expect, test } from 'vitest';

import { allowedBy } from './access-rules.ts';

const allows = (path: string, asked: string) =>
  allowedBy([{ service: 'compute', method: 'GET', path }], {
    service: 'compute',
    method: 'GET',
    path: asked,
  });

test('a path is matched part by part', () => {
  expect(allows('/v2.1/servers', '/v2.1/servers')).toBe(true);
  expect(allows('/v2.1/servers', '/v2.1/servers/a')).toBe(false);
  expect(allows('/v2.1/servers', '/v2x1/servers')).toBe(false);
  expect(allows('/v2.1/servers/*', '/v2.1/servers/a')).toBe(true);
  expect(allows('/v2.1/servers/*', '/v2.1/servers/a/b')).toBe(false);
  expect(allows('/v2.1/servers/{id}/ips', '/v2.1/servers/a/ips')).toBe(true);
  expect(allows('/v2.1/**', '/v2.1/servers/a/b')).toBe(true);
  expect(allows('/v2.1/**', '/v2.0/servers')).toBe(false);
});

test('a path cannot be made that takes long to match', () => {
  expect(allows(`/${'**a'.repeat(70)}`, `/${'a'.repeat(1000)}!`)).toBe(false);
  expect(allows('/{a}(.*)-+$', '/x(.*)-+$')).toBe(true);
});

test('service and method must be the same, but a token may always be validated', () => {
  const rules = [{ service: 'compute', method: 'GET', path: '/**' }];
  expect(allowedBy(rules, { service: 'image', method: 'GET', path: '/v2/images' })).toBe(false);
  expect(allowedBy(rules, { service: 'compute', method: 'POST', path: '/v2.1/servers' })).toBe(false);
  expect(allowedBy([], { service: 'identity', method: 'GET', path: '/v3/auth/tokens' })).toBe(true);
  expect(allowedBy([], { service: 'identity', method: 'DELETE', path: '/v3/auth/tokens' })).toBe(false);
});
