import { bit } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { invalidInput, networkNotFound } from '../errors.ts';
import { findNetwork, updateNetworkRow } from '../networks/store.ts';
import { requireUnshareable } from '../networks/update.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import type { RbacPolicyTable } from '../tables.ts';
import type { Work } from '../work.ts';
import { duplicateRbacPolicy, invalidAction, rbacPolicyInUse, rbacPolicyNotFound } from './errors.ts';
import { findObject, type ObjectType, usersOf } from './objects.ts';
import type { rbacPolicyAttributes } from './schema.ts';
import { deleteRbacPolicyRow, insertRbacPolicy, policiesOf, type RbacAction, retarget } from './store.ts';

/** What policies about a kind of object may allow. */
const actionsOf = (type: string): readonly RbacAction[] =>
  type === 'network' ? ['access_as_shared', 'access_as_external'] : ['access_as_shared'];

/** Opens an object of the caller's to another project. Answers the policy's id. */
export async function createRbacPolicy(
  work: Work,
  given: Created<typeof rbacPolicyAttributes>,
  viewer: Viewer,
): Promise<string> {
  const { object_type: type, object_id: objectId, action } = given;
  const object = await findObject(work.db, type as ObjectType, objectId);
  if (!object) throw type === 'network' ? networkNotFound(objectId) : rbacPolicyNotFound(objectId);
  requireOwner(object, viewer);
  if (!(actionsOf(type) as readonly string[]).includes(action))
    throw invalidAction(action, type, actionsOf(type));
  const policy: RbacPolicyTable = {
    id: newUuid(),
    project_id: given.project_id,
    object_type: type,
    object_id: objectId,
    action,
    target_project: given.target_tenant,
  };
  if (!(await insertRbacPolicy(work.db, policy))) throw duplicateRbacPolicy();
  if (action === 'access_as_external') await makeExternal(work, objectId, true);
  return policy.id;
}

function requireOwner(object: { project_id: string }, viewer: Viewer): void {
  if (!viewer.admin && object.project_id !== viewer.projectId)
    throw invalidInput('Only admins can manipulate policies on objects they do not own');
}

/** A network is external as long as it is so for anyone. */
async function makeExternal(work: Work, networkId: string, external: boolean): Promise<void> {
  await updateNetworkRow(work.db, networkId, { external: bit(external) });
  work.touch('network', networkId);
}

/** Opens an object to another project instead. */
export async function updateRbacPolicy(
  work: Work,
  policy: RbacPolicyTable,
  changes: Updated<typeof rbacPolicyAttributes>,
  viewer: Viewer,
): Promise<void> {
  const target = changes.target_tenant;
  if (target === undefined || target === policy.target_project) return;
  const object = await findObject(work.db, policy.object_type as ObjectType, policy.object_id);
  if (object) requireOwner(object, viewer);
  if (target !== '*') await requireUnneeded(work, policy);
  await retarget(work.db, policy.id, target);
}

/** Closes an object again. Throws `conflict` while the target uses it. */
export async function removeRbacPolicy(work: Work, policy: RbacPolicyTable): Promise<void> {
  await requireUnneeded(work, policy);
  await deleteRbacPolicyRow(work.db, policy.id);
  if (policy.action !== 'access_as_external') return;
  const others = await policiesOf(work.db, policy.object_id, 'access_as_external');
  if (others.length === 0) await makeExternal(work, policy.object_id, false);
}

async function requireUnneeded(work: Work, policy: RbacPolicyTable): Promise<void> {
  if (policy.action !== 'access_as_shared') return;
  const { object_id: objectId, target_project: target } = policy;
  const others = (await policiesOf(work.db, objectId, 'access_as_shared')).filter((p) => p.id !== policy.id);
  // whoever may use it by another policy as well loses nothing
  if (others.some((other) => other.target_project === '*')) return;
  if (policy.object_type === 'network') return requireNetworkUnneeded(work, policy);
  const object = await findObject(work.db, policy.object_type as ObjectType, objectId);
  const keeping = new Set([object?.project_id, ...others.map((other) => other.target_project)]);
  const losing = (await usersOf(work.db, policy.object_type as ObjectType, objectId)).filter(
    (project) => !keeping.has(project) && (target === '*' || project === target),
  );
  if (losing.length > 0) throw rbacPolicyInUse(objectId, `project_id=${target}`);
}

async function requireNetworkUnneeded(work: Work, policy: RbacPolicyTable): Promise<void> {
  const network = await findNetwork(work.db, policy.object_id, everything);
  if (!network || policy.target_project === network.project_id) return;
  try {
    await requireUnshareable(work, network, policy.target_project);
  } catch (cause) {
    throw rbacPolicyInUse(policy.object_id, (cause as Error).message);
  }
}
