import { sql } from 'kysely';

import { fromJson } from '#kit/db/columns.ts';

import { canonicalAddress } from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';
import type { Db } from '../tables.ts';
import type { Work } from '../work.ts';
import { owners } from './owners.ts';
import { type PortRow, portsWith } from './store.ts';
import type { AddressPair } from './values.ts';

/**
 * An address that guests take in turn is made of an unbound port that has it, and of ports that list it among their
 * allowed address pairs, as keepalived's users set it up: ML2/OVN's virtual ports.
 */
export interface SharedAddress {
  readonly address: string;
  /** Ids of the ports that may take it. */
  readonly holders: readonly string[];
}

/** The shared address of each of these ports that stands for one. */
export async function sharedAddresses(
  db: Db,
  ports: readonly PortRow[],
): Promise<Map<string, SharedAddress>> {
  const candidates = ports.filter((port) => port.binding_host_id === '' && port.addresses.length > 0);
  const found = new Map<string, SharedAddress>();
  if (candidates.length === 0) return found;
  const holdersOf = await holdersByAddress(db, [...new Set(candidates.map((port) => port.network_id))]);
  for (const port of candidates)
    for (const { ip_address: address } of port.addresses) {
      const holders = holdersOf.get(`${port.network_id} ${address}`)?.filter((id) => id !== port.id) ?? [];
      if (holders.length === 0) continue;
      found.set(port.id, { address, holders });
      break;
    }
  return found;
}

/** Has the engine look again at the ports that have addresses of these pairs. */
export async function touchSharedAddresses(
  work: Work,
  networkId: string,
  pairs: readonly AddressPair[],
): Promise<void> {
  const addresses = pairs.flatMap(singleAddress);
  if (addresses.length === 0) return;
  const rows = await work.db
    .selectFrom('network_ip_allocations')
    .select('port_id')
    .where('network_id', '=', networkId)
    .where('ip_address', 'in', addresses)
    .execute();
  work.touch('port', ...rows.map((row) => row.port_id));
}

/** Throws `InvalidInput` for an address the network itself answers at, for DHCP and metadata. */
export async function refuseServiceAddresses(
  db: Db,
  networkId: string,
  pairs: readonly AddressPair[],
): Promise<void> {
  const addresses = new Set(pairs.flatMap(singleAddress));
  if (addresses.size === 0) return;
  const [service] = await portsWith(db, { network_id: [networkId], device_owner: [owners.service] });
  const taken = service?.addresses.map((ip) => ip.ip_address).filter((address) => addresses.has(address));
  if (taken && taken.length > 0)
    throw invalidInput(
      `IP addresses '${taken.join(';')}' already used by the '${owners.service}' port(s) in the same network`,
    );
}

/** Ids of ports by `network address` they may take. */
async function holdersByAddress(db: Db, networkIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('network_ports')
    .select(['id', 'network_id', 'allowed_address_pairs'])
    .where('network_id', 'in', networkIds)
    // word for word as in the index
    .where(sql<boolean>`allowed_address_pairs <> '[]'`)
    .orderBy('id')
    .execute();
  const holders = new Map<string, string[]>();
  for (const { id, network_id: network, allowed_address_pairs: pairs } of rows)
    for (const address of new Set(fromJson<AddressPair[]>(pairs).flatMap(singleAddress))) {
      const key = `${network} ${address}`;
      holders.set(key, [...(holders.get(key) ?? []), id]);
    }
  return holders;
}

/** The address of a pair that is not about a whole prefix. */
function singleAddress({ ip_address: text }: AddressPair): string[] {
  const [address, prefix] = text.split('/');
  const whole = address!.includes(':') ? '128' : '32';
  return prefix === undefined || prefix === whole ? [canonicalAddress(address!)] : [];
}
