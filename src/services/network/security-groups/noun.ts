import { securityGroupNotFound } from '../errors.ts';
import type { Noun } from '../resource/noun.ts';
import { groupAttributes } from './schema.ts';
import { findGroup, type GroupRow, listGroups } from './store.ts';
import { viewGroup } from './view.ts';

/** Neutron's `security-group`; with RBAC policies they are shared, rules and all. */
export const securityGroups: Noun<GroupRow, typeof groupAttributes> = {
  name: 'security_group',
  collection: 'security_groups',
  attributes: groupAttributes,
  table: 'network_security_groups',
  quota: true,
  notFound: securityGroupNotFound,
  find: findGroup,
  list: listGroups,
  view: viewGroup,
  target: (group) => ({ project_id: group.project_id, shared: group.shared === 1 }),
};
