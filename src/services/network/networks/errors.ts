import { conflict, notFound, unavailable } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a network. */

export const networkInUse = (id: string, ports: readonly string[]) =>
  conflict(
    `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${ports.join(',')}.`,
    { type: 'NetworkInUse' },
  );

export const noNetworkAvailable = () =>
  unavailable('Unable to create the network. No project network is available for allocation.', {
    type: 'NoNetworkAvailable',
  });

export const flatNetworkInUse = (physicalNetwork: string) =>
  conflict(`Unable to create the flat network. Physical network ${physicalNetwork} is in use.`, {
    type: 'FlatNetworkInUse',
  });

export const vlanIdInUse = (physicalNetwork: string, id: number) =>
  conflict(`Unable to create the network. The VLAN ${id} on physical network ${physicalNetwork} is in use.`, {
    type: 'VlanIdInUse',
  });

export const tunnelIdInUse = (id: number) =>
  conflict(`Unable to create the network. The tunnel ID ${id} is in use.`, { type: 'TunnelIdInUse' });

export const invalidSharedSetting = (network: string) =>
  conflict(`Unable to reconfigure sharing settings for network ${network}. Multiple projects are using it.`, {
    type: 'InvalidSharedSetting',
  });

export const externalNetworkInUse = (id: string) =>
  conflict(
    `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`,
    { type: 'ExternalNetworkInUse' },
  );

export const mtuConflict = (id: string, minimum: number) =>
  conflict(`MTU of ${id} is not valid, subnet requires a minimum of ${minimum}`, {
    type: 'NetworkMTUSubnetConflict',
  });

export const defaultExternalNetworkExists = (id: string) =>
  conflict(`A default external network already exists: ${id}.`, { type: 'DefaultExternalNetworkExists' });

export const availabilityZoneNotFound = (zone: string) =>
  notFound(`AvailabilityZone ${zone} could not be found.`, { type: 'AvailabilityZoneNotFound' });
