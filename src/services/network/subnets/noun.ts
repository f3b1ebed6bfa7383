import { networkNotFound, subnetNotFound } from '../errors.ts';
import { findNetwork } from '../networks/store.ts';
import type { Noun } from '../resource/noun.ts';
import { everything } from '../resource/viewer.ts';
import { subnetAttributes } from './schema.ts';
import { findSubnet, listSubnets, type SubnetRow } from './store.ts';
import { viewSubnet } from './view.ts';

/** Subnets as the shared handlers serve them; policy is told who owns the network, and to whom it is open. */
export const subnets: Noun<SubnetRow, typeof subnetAttributes> = {
  name: 'subnet',
  collection: 'subnets',
  attributes: subnetAttributes,
  table: 'network_subnets',
  quota: true,
  notFound: subnetNotFound,
  find: findSubnet,
  list: listSubnets,
  view: viewSubnet,
  target: (subnet) => ({
    project_id: subnet.project_id,
    'network:project_id': subnet.network_project_id,
    'network:shared': subnet.shared === 1,
    'router:external': subnet.network_external === 1,
  }),
  newTarget: async (db, values) => {
    const id = values.network_id as string;
    const network = await findNetwork(db, id, everything);
    if (!network) throw networkNotFound(id);
    return { 'network:project_id': network.project_id };
  },
};
