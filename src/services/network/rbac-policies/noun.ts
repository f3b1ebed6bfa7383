import type { Noun } from '../resource/noun.ts';
import type { RbacPolicyTable } from '../tables.ts';
import { rbacPolicyNotFound } from './errors.ts';
import { rbacPolicyAttributes } from './schema.ts';
import { findRbacPolicy, listRbacPolicies } from './store.ts';
import { viewRbacPolicy } from './view.ts';

/** RBAC policies as the shared handlers serve them; only the owner and administrators see one, its target does not. */
export const rbacPolicies: Noun<RbacPolicyTable, typeof rbacPolicyAttributes> = {
  name: 'rbac_policy',
  collection: 'rbac_policies',
  attributes: rbacPolicyAttributes,
  quota: true,
  notFound: rbacPolicyNotFound,
  find: findRbacPolicy,
  list: listRbacPolicies,
  view: viewRbacPolicy,
  target: (policy) => ({ project_id: policy.project_id, target_tenant: policy.target_project }),
};
