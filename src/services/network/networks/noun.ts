import { networkNotFound } from '../errors.ts';
import type { Noun } from '../resource/noun.ts';
import { networkAttributes } from './schema.ts';
import { findNetwork, listNetworks, type NetworkRow } from './store.ts';
import { viewNetwork } from './view.ts';

/** Networks as the shared handlers serve them; policy is told whether one is shared and whether it is external. */
export const networks: Noun<NetworkRow, typeof networkAttributes> = {
  name: 'network',
  collection: 'networks',
  attributes: networkAttributes,
  table: 'network_networks',
  quota: true,
  notFound: networkNotFound,
  find: findNetwork,
  list: listNetworks,
  view: viewNetwork,
  target: (network) => ({
    project_id: network.project_id,
    shared: network.shared === 1,
    'router:external': network.external === 1,
  }),
};
