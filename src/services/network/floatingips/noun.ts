import type { Noun } from '../resource/noun.ts';
import { floatingIpNotFound } from './errors.ts';
import { floatingIpAttributes } from './schema.ts';
import { findFloatingIp, type FloatingIpRow, listFloatingIps } from './store.ts';
import { viewFloatingIp } from './view.ts';

/** Neutron's floating ips (`router`). They are never shared: their project and administrators see them. */
export const floatingIps: Noun<FloatingIpRow, typeof floatingIpAttributes> = {
  name: 'floatingip',
  collection: 'floatingips',
  attributes: floatingIpAttributes,
  table: 'network_floatingips',
  quota: true,
  notFound: floatingIpNotFound,
  find: findFloatingIp,
  list: listFloatingIps,
  view: viewFloatingIp,
  target: (ip) => ({ project_id: ip.project_id }),
};
