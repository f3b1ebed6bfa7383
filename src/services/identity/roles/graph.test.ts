import { expect, test } from 'vitest';

import { RoleGraph } from './graph.ts';

const role = (id: string, domainId: string | null = null) => ({
  id,
  name: id,
  domainId,
  description: null,
  options: {},
  extra: {},
});
const implies = (priorRoleId: string, impliedRoleId: string) => ({ priorRoleId, impliedRoleId });
const idsOf = (roles: readonly { id: string }[]) => roles.map(({ id }) => id);

test('what is implied is implied on, also in circles', () => {
  const graph = new RoleGraph(
    ['a', 'b', 'c', 'd'].map((id) => role(id)),
    [implies('a', 'b'), implies('b', 'c'), implies('c', 'a')],
  );
  expect(idsOf(graph.closure(['a']))).toEqual(['a', 'b', 'c']);
  expect(idsOf(graph.closure(['d', 'd']))).toEqual(['d']);
  expect(graph.closure(['unknown'])).toEqual([]);
});

test('roles that were not read along with the implications imply nothing and are not implied', () => {
  const graph = new RoleGraph(
    [role('a'), role('b')],
    [implies('a', 'b'), implies('a', 'new'), implies('new', 'b')],
  );
  expect(graph.impliedBy('a')).toEqual(['b']);
  expect(idsOf(graph.priors())).toEqual(['a']);
});

test("a domain's role grants what it implies, not itself", () => {
  const graph = new RoleGraph([role('own', 'x'), role('reader')], [implies('own', 'reader')]);
  expect(idsOf(graph.granted(['own']))).toEqual(['reader']);
});
