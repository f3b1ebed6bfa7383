import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

import type { Route } from '../subnets/values.ts';

/** neutron_lib/exceptions/l3.py and extraroute.py: what can be wrong with a router. */

export const routerNotFound = (id: string) =>
  notFound(`Router ${id} could not be found`, { type: 'RouterNotFound' });

export const routerInUse = (id: string, ports: readonly string[]) =>
  conflict(`Router ${id} has ports still attached: ${ports.join(', ')}`, { type: 'RouterInUse' });

export const interfaceNotFound = (routerId: string, portId: string) =>
  notFound(`Router ${routerId} does not have an interface with id ${portId}`, {
    type: 'RouterInterfaceNotFound',
  });

export const interfaceNotFoundForSubnet = (routerId: string, subnetId: string) =>
  notFound(`Router ${routerId} has no interface on subnet ${subnetId}`, {
    type: 'RouterInterfaceNotFoundForSubnet',
  });

export const interfaceInUseByFloatingIp = (routerId: string, subnetId: string) =>
  conflict(
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more floating IPs.`,
    { type: 'RouterInterfaceInUseByFloatingIP' },
  );

export const interfaceInUseByRoute = (routerId: string, subnetId: string) =>
  conflict(
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more routes.`,
    { type: 'RouterInterfaceInUseByRoute' },
  );

export const gatewayInUseByFloatingIp = (routerId: string, networkId: string) =>
  conflict(
    `Gateway cannot be updated for router ${routerId}, since a gateway to external network ${networkId} is required by one or more floating IPs.`,
    { type: 'RouterExternalGatewayInUseByFloatingIp' },
  );

export const subnetMismatch = (portId: string, subnetId: string) =>
  badRequest(`Subnet on port ${portId} does not match the requested subnet ${subnetId}.`, {
    type: 'SubnetMismatchForPort',
  });

export const invalidRoutes = (routes: readonly Route[], reason: string) =>
  badRequest(`Invalid format for routes: ${repr(routes)}, ${reason}`, { type: 'InvalidRoutes' });
