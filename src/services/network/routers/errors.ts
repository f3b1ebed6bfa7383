import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

import type { Route } from '../subnets/values.ts';

/** neutron_lib/exceptions/l3.py and extraroute.py: what can be wrong with a router. */

/** For a router that is not there or of another project: 404. */
export const routerNotFound = (id: string) =>
  notFound(`Router ${id} could not be found`, { type: 'RouterNotFound' });

/** When a router with interfaces is to be removed; names their ports: 409. */
export const routerInUse = (id: string, ports: readonly string[]) =>
  conflict(`Router ${id} has ports still attached: ${ports.join(', ')}`, { type: 'RouterInUse' });

/** When the port to be disconnected is no interface of the router: 404. */
export const interfaceNotFound = (routerId: string, portId: string) =>
  notFound(`Router ${routerId} does not have an interface with id ${portId}`, {
    type: 'RouterInterfaceNotFound',
  });

/** When the router has no interface on the subnet to be disconnected: 404. */
export const interfaceNotFoundForSubnet = (routerId: string, subnetId: string) =>
  notFound(`Router ${routerId} has no interface on subnet ${subnetId}`, {
    type: 'RouterInterfaceNotFoundForSubnet',
  });

/** When the interface leads to a fixed address a floating ip of the router leads to: 409. */
export const interfaceInUseByFloatingIp = (routerId: string, subnetId: string) =>
  conflict(
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more floating IPs.`,
    { type: 'RouterInterfaceInUseByFloatingIP' },
  );

/** When the next hop of an extra route is on the subnet of the interface: 409. */
export const interfaceInUseByRoute = (routerId: string, subnetId: string) =>
  conflict(
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more routes.`,
    { type: 'RouterInterfaceInUseByRoute' },
  );

/** When a router's gateway is to go or move to another network while floating ips come in by it: 409. */
export const gatewayInUseByFloatingIp = (routerId: string, networkId: string) =>
  conflict(
    `Gateway cannot be updated for router ${routerId}, since a gateway to external network ${networkId} is required by one or more floating IPs.`,
    { type: 'RouterExternalGatewayInUseByFloatingIp' },
  );

/** When an interface is to be removed by port and subnet, and the port is not on that subnet: 400. */
export const subnetMismatch = (portId: string, subnetId: string) =>
  badRequest(`Subnet on port ${portId} does not match the requested subnet ${subnetId}.`, {
    type: 'SubnetMismatchForPort',
  });

/** When the next hop of an extra route is no neighbour of the router, or the router itself: 400. */
export const invalidRoutes = (routes: readonly Route[], reason: string) =>
  badRequest(`Invalid format for routes: ${repr(routes)}, ${reason}`, { type: 'InvalidRoutes' });
