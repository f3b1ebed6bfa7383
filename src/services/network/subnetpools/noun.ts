import type { Noun } from '../resource/noun.ts';
import { subnetPoolNotFound } from './errors.ts';
import { subnetPoolAttributes } from './schema.ts';
import { findSubnetPool, listSubnetPools, type SubnetPoolRow } from './store.ts';
import { viewSubnetPool } from './view.ts';

/** Subnet pools as the shared handlers serve them; whom a pool is shared with may see it and take subnets from it. */
export const subnetPools: Noun<SubnetPoolRow, typeof subnetPoolAttributes> = {
  name: 'subnetpool',
  collection: 'subnetpools',
  attributes: subnetPoolAttributes,
  table: 'network_subnetpools',
  quota: true,
  notFound: subnetPoolNotFound,
  find: findSubnetPool,
  list: listSubnetPools,
  view: viewSubnetPool,
  target: (pool) => ({ project_id: pool.project_id, shared: pool.shared === 1 }),
};
