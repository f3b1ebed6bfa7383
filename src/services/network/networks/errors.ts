import { conflict, notFound, unavailable } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a network. */

/** 409: a network to be deleted still has these ports besides its own. */
export const networkInUse = (id: string, ports: readonly string[]) =>
  conflict(
    `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${ports.join(',')}.`,
    { type: 'NetworkInUse' },
  );

/** 503: every tunnel or VLAN identifier of the configured ranges is taken. */
export const noNetworkAvailable = () =>
  unavailable('Unable to create the network. No project network is available for allocation.', {
    type: 'NoNetworkAvailable',
  });

/** 409: a physical network carries one flat network at most. */
export const flatNetworkInUse = (physicalNetwork: string) =>
  conflict(`Unable to create the flat network. Physical network ${physicalNetwork} is in use.`, {
    type: 'FlatNetworkInUse',
  });

/** 409: the VLAN a caller named is another network's. */
export const vlanIdInUse = (physicalNetwork: string, id: number) =>
  conflict(`Unable to create the network. The VLAN ${id} on physical network ${physicalNetwork} is in use.`, {
    type: 'VlanIdInUse',
  });

/** 409: the geneve identifier a caller named is another network's. */
export const tunnelIdInUse = (id: number) =>
  conflict(`Unable to create the network. The tunnel ID ${id} is in use.`, { type: 'TunnelIdInUse' });

/** 409: a network cannot stop being shared while projects use it that nothing else lets in. */
export const invalidSharedSetting = (network: string) =>
  conflict(`Unable to reconfigure sharing settings for network ${network}. Multiple projects are using it.`, {
    type: 'InvalidSharedSetting',
  });

/** 409: a network cannot stop being external while routers have their gateways on it. */
export const externalNetworkInUse = (id: string) =>
  conflict(
    `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`,
    { type: 'ExternalNetworkInUse' },
  );

/** 409: the network's MTU is less than IP needs for one of its subnets, `minimum` bytes. */
export const mtuConflict = (id: string, minimum: number) =>
  conflict(`MTU of ${id} is not valid, subnet requires a minimum of ${minimum}`, {
    type: 'NetworkMTUSubnetConflict',
  });

/** 409: another external network is the default already; `id` says which. */
export const defaultExternalNetworkExists = (id: string) =>
  conflict(`A default external network already exists: ${id}.`, { type: 'DefaultExternalNetworkExists' });

/** 404: a hint names a zone other than the configured one. Networks and routers throw it. */
export const availabilityZoneNotFound = (zone: string) =>
  notFound(`AvailabilityZone ${zone} could not be found.`, { type: 'AvailabilityZoneNotFound' });
