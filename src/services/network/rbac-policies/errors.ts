import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

import { invalidInput } from '../errors.ts';

/** neutron/extensions/rbac.py */

/** 404: no such policy, or not the caller's; also when a policy is to be about an object there is none of. */
export const rbacPolicyNotFound = (id: string) =>
  notFound(`RBAC policy of type unknown with ID ${id} not found`, { type: 'RbacPolicyNotFound' });

/** 409: a policy cannot be removed or retargeted while its target needs it; `details` says what for. */
export const rbacPolicyInUse = (objectId: string, details: string) =>
  conflict(
    `RBAC policy on object ${objectId} cannot be removed because other objects depend on it.\nDetails: ${details}`,
    { type: 'RbacPolicyInUse' },
  );

/** 409: the object, the action and the target are those of another policy. */
export const duplicateRbacPolicy = () =>
  conflict('An RBAC policy already exists with those values.', { type: 'DuplicateRbacPolicy' });

/** 400: the action is none of those `valid` for the object's type, which are listed as a Python tuple. */
export const invalidAction = (action: string, type: string, valid: readonly string[]) =>
  badRequest(
    `Invalid action '${action}' for object type '${type}'. Valid actions: (${valid.map((a) => `'${a}'`).join(', ')}${valid.length === 1 ? ',' : ''})`,
    { type: 'InvalidActionForType' },
  );

/** 400: a subnet pool is to be opened to somebody who may not use the address scope it is in. */
export const scopeNotOpen = (poolId: string) =>
  invalidInput(
    `Failed to create RBAC policy on object ${poolId} because target project doesn't have access to associated address scope.`,
  );
