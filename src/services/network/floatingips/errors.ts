import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions/l3.py: what can be wrong with a floating ip. */

export const floatingIpNotFound = (id: string) =>
  notFound(`Floating IP ${id} could not be found`, { type: 'FloatingIPNotFound' });

export const notReachable = (networkId: string, subnetId: string, portId: string) =>
  notFound(
    `External network ${networkId} is not reachable from subnet ${subnetId}.  Therefore, cannot associate Port ${portId} with a Floating IP.`,
    { type: 'ExternalGatewayForFloatingIPNotFound' },
  );

export const alreadyAssociated = (ip: {
  id: string;
  address: string;
  portId: string;
  fixedAddress: string;
  networkId: string;
}) =>
  conflict(
    `Cannot associate floating IP ${ip.address} (${ip.id}) with port ${ip.portId} using fixed IP ${ip.fixedAddress}, as that fixed IP already has a floating IP on external network ${ip.networkId}.`,
    { type: 'FloatingIPPortAlreadyAssociated' },
  );

export const addressesExhausted = (networkId: string) =>
  badRequest(`Unable to find any IP address on external network ${networkId}.`, {
    type: 'ExternalIpAddressExhausted',
  });

export const portHasFloatingIp = (portId: string) =>
  conflict(
    `Unable to complete the operation on port ${portId} because the port still has an associated floating IP.`,
    { type: 'FipAssociated' },
  );
