import { bit, fromJson, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { addressScopeNotFound, scopeAffinity } from '../address-scopes/errors.ts';
import { findAddressScope } from '../address-scopes/store.ts';
import { cidrOf } from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';
import { scopeNotOpen } from '../rbac-policies/errors.ts';
import { isOpenTo, openToAll, removePoliciesOf } from '../rbac-policies/store.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import type { Viewer } from '../resource/viewer.ts';
import { routersOn } from '../routers/store.ts';
import { subnetsOfNetworks } from '../subnets/store.ts';
import type { SubnetPoolTable } from '../tables.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import {
  illegalPrefixUpdate,
  illegalUpdate,
  poolHasSubnets,
  scopeOfOtherVersion,
  scopePrefixConflict,
} from './errors.ts';
import {
  type Bounds,
  boundsOf,
  covers,
  intersects,
  prefixesOf,
  type PrefixSet,
  prefixSet,
  toPrefixes,
  without,
} from './prefixes.ts';
import type { subnetPoolAttributes } from './schema.ts';
import {
  defaultPool,
  deleteSubnetPoolRow,
  insertSubnetPool,
  poolsOfScope,
  type SubnetPoolRow,
  subnetsOfPool,
  updateSubnetPoolRow,
} from './store.ts';

/** Makes a pool of addresses subnets are taken from; a shared one needs a scope shared as well. Answers its id. */
export async function createSubnetPool(
  work: Work,
  given: Created<typeof subnetPoolAttributes>,
  viewer: Viewer,
): Promise<string> {
  const id = newUuid();
  const prefixes = prefixSet(given.prefixes);
  const bounds = boundsOf(prefixes.version, {
    min: given.min_prefixlen,
    max: given.max_prefixlen,
    default: given.default_prefixlen,
  });
  if (given.is_default) await requireNoDefault(work, prefixes.version);
  const scopeId = given.address_scope_id;
  if (scopeId) await checkScope(work, id, scopeId, prefixes, viewer);
  if (scopeId && given.shared && !(await isOpenTo(work.db, scopeId, '*'))) throw scopeNotOpen(id);
  await insertSubnetPool(work.db, {
    id,
    project_id: given.project_id,
    name: given.name,
    description: given.description,
    ip_version: prefixes.version,
    prefixes: toJson(toPrefixes(prefixes)),
    ...boundColumns(bounds),
    default_quota: given.default_quota ?? null,
    is_default: bit(given.is_default),
    address_scope_id: scopeId ?? null,
    created_at: work.now,
    updated_at: work.now,
    revision_number: 0,
  });
  const object = { type: 'subnetpool', id, projectId: given.project_id };
  if (given.shared) await openToAll(work.db, object, 'access_as_shared');
  return id;
}

const boundColumns = (bounds: Bounds) => ({
  min_prefixlen: bounds.min,
  max_prefixlen: bounds.max,
  default_prefixlen: bounds.default,
});

/** Changes a pool; its prefixes can only grow here. Throws `badRequest` for a pool left without any. */
export async function updateSubnetPool(
  work: Work,
  pool: SubnetPoolRow,
  changes: Updated<typeof subnetPoolAttributes>,
  viewer: Viewer,
): Promise<void> {
  const prefixes = prefixSet(changes.prefixes ?? fromJson<string[]>(pool.prefixes));
  if (!covers(prefixes, prefixesOf(pool)))
    throw illegalPrefixUpdate('Existing prefixes must be a subset of the new prefixes');
  const bounds = boundsOf(prefixes.version, {
    min: changes.min_prefixlen ?? pool.min_prefixlen,
    max: changes.max_prefixlen ?? pool.max_prefixlen,
    default: changes.default_prefixlen ?? pool.default_prefixlen,
  });
  if (changes.is_default && pool.is_default === 0) await requireNoDefault(work, prefixes.version);
  if (pool.address_scope_id !== null) await requireOwnScope(work, pool, pool.address_scope_id, viewer);
  const scope = changes.address_scope_id === undefined ? pool.address_scope_id : changes.address_scope_id;
  if (scope !== null) await checkScope(work, pool.id, scope, prefixes, viewer);
  await updateSubnetPoolRow(work.db, pool.id, {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.default_quota !== undefined && { default_quota: changes.default_quota }),
    ...(changes.is_default !== undefined && { is_default: bit(changes.is_default) }),
    ...boundColumns(bounds),
    prefixes: toJson(toPrefixes(prefixes)),
    address_scope_id: scope,
  });
  await touchRoutersOf(work, pool.id);
}

/** What routers translate depends on the scopes of the subnets they join. */
async function touchRoutersOf(work: Work, poolId: string): Promise<void> {
  const subnets = await subnetsOfPool(work.db, poolId);
  for (const networkId of new Set(subnets.map((subnet) => subnet.network_id)))
    work.touch('router', ...(await routersOn(work.db, networkId)));
}

async function requireNoDefault(work: Work, version: number): Promise<void> {
  if (await defaultPool(work.db, version)) {
    throw invalidInput(
      'A default subnetpool for this IP family has already been set. Only one default may exist per IP family',
    );
  }
}

async function requireOwnScope(
  work: Work,
  pool: SubnetPoolRow,
  scopeId: string,
  viewer: Viewer,
): Promise<void> {
  const scope = await findAddressScope(work.db, scopeId, viewer);
  if (!scope) throw addressScopeNotFound(scopeId);
  if (!viewer.admin && scope.project_id !== viewer.projectId) {
    throw illegalUpdate(
      `subnetpool ${pool.id} cannot be updated when associated with shared address scope ${scopeId}`,
    );
  }
}

/** A scope holds each address once: its pools have one version and do not overlap. */
async function checkScope(
  work: Work,
  poolId: string,
  scopeId: string,
  prefixes: PrefixSet,
  viewer: Viewer,
): Promise<void> {
  const scope = await findAddressScope(work.db, scopeId, viewer);
  if (!scope) throw addressScopeNotFound(scopeId);
  if (scope.ip_version !== prefixes.version) throw scopeOfOtherVersion(poolId, scopeId, scope.ip_version);
  await requireWholeNetworks(work, poolId, prefixes.version);
  const others = (await poolsOfScope(work.db, scopeId)).filter((other) => other.id !== poolId);
  if (others.some((other) => intersects(prefixesOf(other), prefixes))) throw scopePrefixConflict();
}

/** All subnets of a network and version are in one scope, so a pool brings whole networks into one or none. */
async function requireWholeNetworks(work: Work, poolId: string, version: number): Promise<void> {
  const own = await subnetsOfPool(work.db, poolId);
  if (own.length === 0) return;
  const all = await subnetsOfNetworks(work.db, [...new Set(own.map((subnet) => subnet.network_id))]);
  if (all.some((subnet) => subnet.ip_version === version && subnet.subnetpool_id !== poolId))
    throw scopeAffinity();
}

/** Removes a pool no subnet is from. */
export async function removeSubnetPool(work: Work, pool: SubnetPoolRow): Promise<void> {
  if ((await subnetsOfPool(work.db, pool.id)).length > 0) throw poolHasSubnets();
  await removeTags(work.db, [pool.id]);
  await removePoliciesOf(work.db, pool.id);
  await deleteSubnetPoolRow(work.db, pool.id);
}

/**
 * Takes prefixes out of a pool, those it has not being none of its concern. Answers the prefixes left, perhaps none.
 * Throws `badRequest` when a subnet has addresses of them.
 */
export async function shrinkPool(
  work: Work,
  pool: Pick<SubnetPoolTable, 'id' | 'ip_version' | 'prefixes'>,
  removed: readonly string[],
): Promise<string[]> {
  const current = prefixesOf(pool);
  const holes = {
    ...current,
    ranges: removed.map(cidrOf).filter((cidr) => cidr.version === current.version),
  };
  if (!intersects(holes, current)) return toPrefixes(current);
  const used = (await subnetsOfPool(work.db, pool.id)).map((subnet) => cidrOf(subnet.cidr));
  if (intersects(holes, { ...current, ranges: used }))
    throw illegalPrefixUpdate('One or more the prefixes to be removed is in use by a subnet.');
  const left = toPrefixes(without(current, holes.ranges));
  await updateSubnetPoolRow(work.db, pool.id, { prefixes: toJson(left) });
  return left;
}
