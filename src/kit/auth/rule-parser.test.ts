import { describe, expect, test } from 'vitest';

import { parseRule, RuleSyntaxError, type Creds, type Target } from './rule-parser.ts';

const creds: Creds = { roles: ['Member', 'reader'], user_id: 'u1', project_id: 'p1', system_scope: null };
const holds = (text: string, target: Target = {}): boolean =>
  parseRule(text)({ creds, target, rule: (name) => name === 'yes' });

describe('oslo.policy rules', () => {
  test.each([
    ['', true],
    ['@', true],
    ['!', false],
    ['role:member', true],
    ['role:ADMIN', false],
    ['role:admin or role:reader', true],
    ['role:admin and role:reader', false],
    ['not role:admin', true],
    ['(role:admin or role:member) and rule:yes', true],
    ['role:admin or role:member and rule:no', false],
    ['((rule:yes))', true],
    ['rule:missing', false],
    ['user_id:u1', true],
    ['system_scope:all', false],
    ['True:True', true],
    ["'x':x", true],
    ['None:x', false],
  ])('%s is %s', (text, expected) => expect(holds(text)).toBe(expected));

  test('a target attribute is compared with the caller', () => {
    expect(holds('project_id:%(project_id)s', { project_id: 'p1' })).toBe(true);
    expect(holds('project_id:%(project_id)s', { project_id: 'p2' })).toBe(false);
    expect(holds('project_id:%(project_id)s', {})).toBe(false);
    expect(holds('user_id:%(target.user.id)s', { target: { user: { id: 'u1' } } })).toBe(true);
    expect(holds('tenant_id:%(network:tenant_id)s', { 'network:tenant_id': 'p1' })).toBe(false);
    expect(holds('True:%(shared)s', { shared: true })).toBe(true);
  });

  test.each(['role:a or', '(role:a', 'role:a)', 'and', 'nonsense'])('%s is refused', (text) => {
    expect(() => parseRule(text)).toThrow(RuleSyntaxError);
  });

  test('a service may bring checks of its own', () => {
    const check = parseRule('field:shared=True', {
      field: (match) => (c) => match === `shared=${c.target.shared}`,
    });
    expect(check({ creds, target: { shared: 'True' }, rule: () => false })).toBe(true);
  });
});
