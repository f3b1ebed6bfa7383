import type { RbacPolicyTable } from '../tables.ts';

/** An RBAC policy as the API shows it. */
export const viewRbacPolicy = (policy: RbacPolicyTable) => ({
  id: policy.id,
  tenant_id: policy.project_id,
  project_id: policy.project_id,
  object_type: policy.object_type,
  object_id: policy.object_id,
  action: policy.action,
  target_tenant: policy.target_project,
});
