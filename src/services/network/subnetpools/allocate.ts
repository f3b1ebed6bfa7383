import { type Cidr, cidrOf, within } from '../addressing/ip.ts';
import { badResource } from '../errors.ts';
import { bump } from '../resource/revision.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { SubnetPoolTable } from '../tables.ts';
import type { Work } from '../work.ts';
import {
  allocationFailed,
  poolQuotaExceeded,
  prefixTooLong,
  prefixTooShort,
  subnetPoolNotFound,
} from './errors.ts';
import { firstFree, prefixesOf, without } from './prefixes.ts';
import { defaultPool, findSubnetPool, subnetsOfPool } from './store.ts';

/** What a subnet asks of a pool: this very network, or any of a length. */
export interface Ask {
  readonly cidr: Cidr | undefined;
  readonly length: number | undefined;
  readonly version: number;
  readonly projectId: string;
}

/** The pool a new subnet is to be taken from; undefined: none. */
export async function poolFor(
  work: Work,
  asked: { poolId: string | null | undefined; useDefault: boolean; version: number },
  viewer: Viewer,
): Promise<SubnetPoolTable | undefined> {
  if (asked.useDefault && asked.poolId)
    throw badResource('subnets', 'subnetpool_id and use_default_subnetpool cannot both be specified');
  if (asked.poolId) {
    const pool = await findSubnetPool(work.db, asked.poolId, viewer);
    if (!pool) throw subnetPoolNotFound(asked.poolId);
    return pool;
  }
  if (!asked.useDefault) return undefined;
  const pool = await defaultPool(work.db, asked.version);
  if (!pool) throw badResource('subnets', `No default subnetpool found for IPv${asked.version}`);
  return pool;
}

/** Finds the network a pool gives to a subnet, following neutron/ipam/subnet_alloc.py. Nobody else takes it meanwhile. */
export async function takeFrom(work: Work, pool: SubnetPoolTable, ask: Ask): Promise<Cidr> {
  if (ask.version !== pool.ip_version) {
    throw badResource(
      'subnets',
      `Cannot allocate IPv${ask.version} subnet from IPv${pool.ip_version} subnet pool`,
    );
  }
  const length = ask.cidr?.prefix ?? ask.length ?? pool.default_prefixlen;
  if (length > pool.max_prefixlen) throw prefixTooLong(length, pool.max_prefixlen);
  if (length < pool.min_prefixlen) throw prefixTooShort(length, pool.min_prefixlen);
  await bump(work, 'network_subnetpools', pool.id, subnetPoolNotFound);
  const subnets = await subnetsOfPool(work.db, pool.id);
  checkQuota(
    pool,
    length,
    subnets.filter((subnet) => subnet.project_id === ask.projectId).map((subnet) => cidrOf(subnet.cidr)),
  );
  const free = without(
    prefixesOf(pool),
    subnets.map((subnet) => cidrOf(subnet.cidr)),
  );
  const { cidr } = ask;
  if (cidr) {
    if (free.ranges.some((range) => within(cidr, range))) return cidr;
    throw allocationFailed('Cannot allocate requested subnet from the available set of prefixes');
  }
  const found = firstFree(free, length);
  if (!found) throw allocationFailed(`Insufficient prefix space to allocate subnet size /${length}`);
  return found;
}

/** Quotas of pools count addresses in IPv4 and /64 networks in IPv6. */
function checkQuota(pool: SubnetPoolTable, length: number, own: readonly Cidr[]): void {
  if (!pool.default_quota) return;
  const unit = pool.ip_version === 4 ? 32 : 64;
  const units = (prefix: number) => 2 ** (unit - prefix);
  const used = own.reduce((sum, cidr) => sum + units(cidr.prefix), 0);
  if (used + units(length) > pool.default_quota) throw poolQuotaExceeded();
}
