import { fromJson } from '#kit/db/columns.ts';

import type { Db } from '../tables.ts';
import { addressKey, addressOf, formatAddress, randomIn, type Range, sizeOf, type Version } from './ip.ts';

/**
 * Gives addresses to ports. An address is taken by inserting it: the primary key sees to it that nobody else has it.
 * Finding a free one costs a guess or, in a pool that is nearly full, a number of counts that grows with the logarithm
 * of the pool, never a walk through its addresses.
 */

/** Allocation pools as a subnet's row holds them. */
export interface PoolsOf {
  readonly id: string;
  readonly network_id: string;
  readonly ip_version: number;
  readonly allocation_pools: string;
}

/** Guesses at a free address before counting starts. */
const guesses = 8;

/** Takes this very address; false when it is taken already. */
export async function claimAddress(
  db: Db,
  subnet: Pick<PoolsOf, 'id' | 'network_id'>,
  portId: string,
  address: string,
): Promise<boolean> {
  const { version, value } = addressOf(address);
  const result = await db
    .insertInto('network_ip_allocations')
    .values({
      network_id: subnet.network_id,
      address_key: addressKey(version, value),
      ip_address: formatAddress(version, value),
      subnet_id: subnet.id,
      port_id: portId,
    })
    .onConflict((c) => c.columns(['network_id', 'address_key']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Takes a free address of the subnet's pools and answers it; undefined when there is none left. */
export async function claimFreeAddress(db: Db, subnet: PoolsOf, portId: string): Promise<string | undefined> {
  const version = subnet.ip_version as Version;
  const pools = poolsOf(subnet);
  if (pools.length === 0) return undefined;
  for (const value of await freeGuesses(db, subnet, pools)) {
    const address = formatAddress(version, value);
    if (await claimAddress(db, subnet, portId, address)) return address;
  }
  return claimFirstAddress(db, subnet, portId);
}

/** Takes a free address near the beginning of the subnet's pools and answers it; undefined when there is none left. */
export async function claimFirstAddress(
  db: Db,
  subnet: PoolsOf,
  portId: string,
): Promise<string | undefined> {
  for (;;) {
    const value = await searchFree(db, subnet, poolsOf(subnet));
    if (value === undefined) return undefined;
    const address = formatAddress(subnet.ip_version as Version, value);
    if (await claimAddress(db, subnet, portId, address)) return address;
  }
}

/** Whether at least `count` addresses are free in the pools of any of these subnets. */
export async function haveFree(db: Db, subnets: readonly PoolsOf[], count: number): Promise<boolean> {
  let free = 0n;
  for (const subnet of subnets)
    for (const pool of poolsOf(subnet)) free += sizeOf(pool) - BigInt(await countIn(db, subnet, pool));
  return free >= BigInt(count);
}

/** Whether an address of a network is given to a port. */
export async function isTaken(db: Db, networkId: string, address: string): Promise<boolean> {
  const { version, value } = addressOf(address);
  const row = await db
    .selectFrom('network_ip_allocations')
    .select('port_id')
    .where('network_id', '=', networkId)
    .where('address_key', '=', addressKey(version, value))
    .executeTakeFirst();
  return row !== undefined;
}

/** The allocation pools as ranges. */
export const poolsOf = (subnet: Pick<PoolsOf, 'allocation_pools'>): Range[] =>
  fromJson<{ start: string; end: string }[]>(subnet.allocation_pools).map(({ start, end }) => ({
    start: addressOf(start).value,
    end: addressOf(end).value,
  }));

/** Random addresses of the pools, those known to be taken left out. */
async function freeGuesses(db: Db, subnet: PoolsOf, pools: readonly Range[]): Promise<bigint[]> {
  const keys = new Map<string, bigint>();
  for (let i = 0; i < guesses; i++) {
    const value = randomOf(pools);
    keys.set(addressKey(subnet.ip_version as Version, value), value);
  }
  const taken = await db
    .selectFrom('network_ip_allocations')
    .select('address_key')
    .where('network_id', '=', subnet.network_id)
    .where('address_key', 'in', [...keys.keys()])
    .execute();
  for (const { address_key: key } of taken) keys.delete(key);
  return [...keys.values()];
}

/** A random address of any of the pools, large pools the likelier. */
function randomOf(pools: readonly Range[]): bigint {
  let at = randomIn({ start: 0n, end: pools.reduce((sum, pool) => sum + sizeOf(pool), 0n) - 1n });
  for (const pool of pools) {
    if (at < sizeOf(pool)) return pool.start + at;
    at -= sizeOf(pool);
  }
  throw new Error('a random number lies outside of its range');
}

/** A free address found by counting: of two halves the one that is not full. */
async function searchFree(db: Db, subnet: PoolsOf, pools: readonly Range[]): Promise<bigint | undefined> {
  for (const pool of pools) {
    if (BigInt(await countIn(db, subnet, pool)) >= sizeOf(pool)) continue;
    let { start, end } = pool;
    while (start < end) {
      const middle = (start + end) / 2n;
      const lower = { start, end: middle };
      if (BigInt(await countIn(db, subnet, lower)) < sizeOf(lower)) end = middle;
      else start = middle + 1n;
    }
    return start;
  }
  return undefined;
}

async function countIn(db: Db, subnet: PoolsOf, range: Range): Promise<number> {
  const version = subnet.ip_version as Version;
  const { count } = await db
    .selectFrom('network_ip_allocations')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('subnet_id', '=', subnet.id)
    .where('address_key', '>=', addressKey(version, range.start))
    .where('address_key', '<=', addressKey(version, range.end))
    .executeTakeFirstOrThrow();
  return count;
}
