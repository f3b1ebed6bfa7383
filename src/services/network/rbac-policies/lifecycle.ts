import { bit } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { invalidInput, networkNotFound } from '../errors.ts';
import { invalidSharedSetting } from '../networks/errors.ts';
import { findNetwork, updateNetworkRow } from '../networks/store.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import { poolsById } from '../subnetpools/store.ts';
import type { RbacPolicyTable } from '../tables.ts';
import type { Work } from '../work.ts';
import {
  duplicateRbacPolicy,
  invalidAction,
  rbacPolicyInUse,
  rbacPolicyNotFound,
  scopeNotOpen,
} from './errors.ts';
import { findObject, gatewayProjects, type ObjectType, usersOf } from './objects.ts';
import type { rbacPolicyAttributes } from './schema.ts';
import {
  deleteRbacPolicyRow,
  insertRbacPolicy,
  isOpenTo,
  policiesOf,
  type RbacAction,
  retarget,
} from './store.ts';

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
  if (type === 'subnetpool') await requireScopeOpen(work, objectId, given.target_tenant);
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

async function requireScopeOpen(work: Work, poolId: string, target: string): Promise<void> {
  const [pool] = await poolsById(work.db, [poolId]);
  const scopeId = pool?.address_scope_id;
  if (scopeId && !(await isOpenTo(work.db, scopeId, target))) throw scopeNotOpen(poolId);
}

function requireOwner(object: { project_id: string }, viewer: Viewer): void {
  if (!viewer.admin && object.project_id !== viewer.projectId)
    throw invalidInput('Only admins can manipulate policies on objects they do not own');
}

/** A network is external as long as it is so for anyone; only then it can be the default one. */
async function makeExternal(work: Work, networkId: string, external: boolean): Promise<void> {
  await updateNetworkRow(work.db, networkId, {
    external: bit(external),
    ...(!external && { is_default: 0 }),
  });
  work.touch('network', networkId);
}

/** Opens an object to another project instead. Throws `conflict` while the present target uses it. */
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
  if (target !== '*') await requireUnneeded(work, policy, target);
  await retarget(work.db, policy.id, target);
}

/** Closes an object again. Throws `conflict` while the target uses it. */
export async function removeRbacPolicy(work: Work, policy: RbacPolicyTable): Promise<void> {
  await requireUnneeded(work, policy);
  await deleteRbacPolicyRow(work.db, policy.id);
  if (policy.action !== 'access_as_external') return;
  const others = await policiesOf(work.db, policy.object_id, 'access_as_external');
  if (others.length > 0) return;
  // routers an administrator led out through it for somebody never let in still do so
  const routers = await gatewayProjects(work.db, policy.object_id);
  if (routers.length === 0) await makeExternal(work, policy.object_id, false);
}

/** Throws `conflict` when projects would lose what they use, were the policy away or `next` its target. */
async function requireUnneeded(work: Work, policy: RbacPolicyTable, next?: string): Promise<void> {
  const action = policy.action as RbacAction;
  const policies = await policiesOf(work.db, policy.object_id, action);
  const others = policies.filter((p) => p.id !== policy.id).map((other) => other.target_project);
  // whoever may use it by another policy as well loses nothing
  if (others.includes('*')) return;
  if (action === 'access_as_shared') await requireNotShared(work, policy, others);
  else await requireNoGateways(work, policy, next === undefined ? others : [...others, next]);
}

async function requireNotShared(
  work: Work,
  policy: RbacPolicyTable,
  others: readonly string[],
): Promise<void> {
  const { object_id: id, target_project: target } = policy;
  const type = policy.object_type as ObjectType;
  const object = await findObject(work.db, type, id);
  const keeping = new Set([object?.project_id, ...others]);
  if (!losing(await usersOf(work.db, type, id), keeping, target)) return;
  throw rbacPolicyInUse(id, type === 'network' ? invalidSharedSetting(id).message : `project_id=${target}`);
}

/** As external_net_db.py has it; owning the network does not help. */
async function requireNoGateways(
  work: Work,
  { object_id: id, target_project: target }: RbacPolicyTable,
  others: readonly string[],
): Promise<void> {
  const network = await findNetwork(work.db, id, everything);
  if (target === '*' && network?.is_default === 1)
    throw rbacPolicyInUse(id, 'Default external networks must be shared to everyone.');
  if (losing(await gatewayProjects(work.db, id), new Set(others), target)) {
    const reason = 'There are routers attached to this network that depend on this policy for access.';
    throw rbacPolicyInUse(id, reason);
  }
}

const losing = (
  users: readonly string[],
  keeping: ReadonlySet<string | undefined>,
  target: string,
): boolean => users.some((project) => !keeping.has(project) && (target === '*' || project === target));
