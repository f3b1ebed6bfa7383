import { networkNotFound, portNotFound } from '../errors.ts';
import { findNetwork } from '../networks/store.ts';
import type { Noun } from '../resource/noun.ts';
import { portAttributes } from './schema.ts';
import { findPort, listPorts, type PortRow } from './store.ts';
import { viewPort } from './view.ts';

/**
 * Ports. Policy looks at their network too: its owner may do more with them, and whom it is shared with may make
 * some.
 */
export const ports: Noun<PortRow, typeof portAttributes> = {
  name: 'port',
  collection: 'ports',
  attributes: portAttributes,
  table: 'network_ports',
  quota: true,
  notFound: portNotFound,
  find: findPort,
  list: listPorts,
  view: (port, service) => viewPort(port, service.settings),
  target: (port) => ({
    project_id: port.project_id,
    'network:project_id': port.network_project_id,
    'network:shared': port.network_shared === 1,
    device_owner: port.device_owner,
  }),
  newTarget: async (db, values, viewer) => {
    const id = values.network_id as string;
    const network = await findNetwork(db, id, viewer);
    if (!network) throw networkNotFound(id);
    return { 'network:project_id': network.project_id, 'network:shared': network.shared === 1 };
  },
};
