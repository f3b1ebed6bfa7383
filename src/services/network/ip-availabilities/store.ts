import type { Selectable } from 'kysely';

import { type AnyQuery, type Listing, matching } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Db, SubnetTable } from '../tables.ts';

/** A subnet with the number of addresses it gave out, and its network. */
export interface SubnetUsage extends Pick<
  Selectable<SubnetTable>,
  'id' | 'name' | 'cidr' | 'ip_version' | 'allocation_pools'
> {
  readonly used: number;
}

/** A network and its matching subnets, oldest first; what they amount to is counted by the view. */
export interface NetworkUsage {
  readonly network_id: string;
  readonly network_name: string;
  readonly project_id: string;
  readonly subnets: readonly SubnetUsage[];
}

const listing: Listing = {
  table: 'network_networks',
  alias: 'n',
  columns: { network_id: 'n.id', network_name: 'n.name', ip_version: 's.ip_version' },
};

/** The networks that match, with those of their subnets that do; networks without subnets count too. */
export async function usageOfNetworks(db: Db, filters: ListQuery['filters']): Promise<NetworkUsage[]> {
  const query = db
    .selectFrom('network_networks as n')
    .leftJoin('network_subnets as s', 's.network_id', 'n.id') as AnyQuery;
  const rows = (await matching(query, listing, filters)
    .select([
      'n.id as network_id',
      'n.name as network_name',
      'n.project_id',
      's.id',
      's.name',
      's.cidr',
      's.ip_version',
      's.allocation_pools',
    ])
    .select((eb) =>
      eb
        .selectFrom('network_ip_allocations as a')
        .select((e) => e.fn.countAll().as('count'))
        .whereRef('a.subnet_id', '=', 's.id')
        .as('used'),
    )
    .orderBy('n.id')
    .orderBy('s.created_at')
    .execute()) as (Omit<NetworkUsage, 'subnets'> & SubnetUsage & { id: string | null })[];
  const networks = new Map<string, NetworkUsage & { subnets: SubnetUsage[] }>();
  for (const { network_id: id, network_name: name, project_id: project, ...subnet } of rows) {
    const known = networks.get(id) ?? {
      network_id: id,
      network_name: name,
      project_id: project,
      subnets: [],
    };
    if (subnet.id !== null) known.subnets.push(subnet);
    networks.set(id, known);
  }
  return [...networks.values()];
}
