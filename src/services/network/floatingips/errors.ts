import { badRequest, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions/l3.py: what can be wrong with a floating ip. */

/** For a floating ip that is not there or of another project: 404. */
export const floatingIpNotFound = (id: string) =>
  notFound(`Floating IP ${id} could not be found`, { type: 'FloatingIPNotFound' });

/** When no router leads from the subnet of a port to the network of a floating ip: 404, as Neutron has it. */
export const notReachable = (networkId: string, subnetId: string, portId: string) =>
  notFound(
    `External network ${networkId} is not reachable from subnet ${subnetId}.  Therefore, cannot associate Port ${portId} with a Floating IP.`,
    { type: 'ExternalGatewayForFloatingIPNotFound' },
  );

/** When a floating ip of the same network leads to the fixed address already: 409. */
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

/** When the external network gave a floating ip's port no IPv4 address: 400. */
export const addressesExhausted = (networkId: string) =>
  badRequest(`Unable to find any IP address on external network ${networkId}.`, {
    type: 'ExternalIpAddressExhausted',
  });

/** When someone but an administrator removes a port that another project's floating ip leads to: 409. */
export const portHasFloatingIp = (portId: string) =>
  conflict(
    `Unable to complete the operation on port ${portId} because the port still has an associated floating IP.`,
    { type: 'FipAssociated' },
  );
