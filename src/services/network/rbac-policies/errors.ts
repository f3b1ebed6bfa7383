import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron/extensions/rbac.py */

export const rbacPolicyNotFound = (id: string) =>
  notFound(`RBAC policy of type unknown with ID ${id} not found`, { type: 'RbacPolicyNotFound' });

export const rbacPolicyInUse = (objectId: string, details: string) =>
  conflict(
    `RBAC policy on object ${objectId} cannot be removed because other objects depend on it.\nDetails: ${details}`,
    { type: 'RbacPolicyInUse' },
  );

export const duplicateRbacPolicy = () =>
  conflict('An RBAC policy already exists with those values.', { type: 'DuplicateRbacPolicy' });

export const invalidAction = (action: string, type: string, valid: readonly string[]) =>
  badRequest(
    `Invalid action '${action}' for object type '${type}'. Valid actions: (${valid.map((a) => `'${a}'`).join(', ')}${valid.length === 1 ? ',' : ''})`,
    { type: 'InvalidActionForType' },
  );
