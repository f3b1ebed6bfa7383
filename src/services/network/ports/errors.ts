import { badRequest, conflict, unavailable } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a port. */

export const macAddressInUse = (networkId: string, mac: string) =>
  conflict(`Unable to complete operation for network ${networkId}. The mac address ${mac} is in use.`, {
    type: 'MacAddressInUse',
  });

export const noMacAddress = (networkId: string) =>
  unavailable(`Unable to generate unique mac on network ${networkId}.`, {
    type: 'NetworkMacAddressGenerationFailure',
  });

export const noMoreAddresses = (networkId: string) =>
  conflict(`No more IP addresses available on network ${networkId}.`, { type: 'IpAddressGenerationFailure' });

export const addressTaken = (address: string, subnetId: string) =>
  conflict(`IP address ${address} already allocated in subnet ${subnetId}`, {
    type: 'IpAddressAlreadyAllocated',
  });

export const noServiceSubnet = (networkId: string, owner: string) =>
  conflict(
    `No valid service subnet for the given device owner, network ${networkId}, service type ${owner}.`,
    { type: 'IpAddressGenerationFailureNoMatchingSubnet' },
  );

export const notInSubnet = (address: string) =>
  badRequest(`IP address ${address} is not a valid IP for the specified subnet.`, {
    type: 'InvalidIpForSubnet',
  });

export const notInNetwork = (address: string) =>
  badRequest(`IP address ${address} is not a valid IP for any of the subnets on the specified network.`, {
    type: 'InvalidIpForNetwork',
  });

export const automaticSubnet = (address: string, subnetId: string) =>
  badRequest(
    `IPv6 address ${address} cannot be directly assigned to a port on subnet ${subnetId} as the subnet is configured for automatic addresses`,
    { type: 'AllocationOnAutoAddressSubnet' },
  );

export const groupsNeedPortSecurity = () =>
  badRequest(
    'Port security must be enabled and port must have an IP address in order to use security groups.',
    { type: 'PortSecurityAndIPRequiredForSecurityGroups' },
  );

export const groupsHoldPortSecurity = () =>
  conflict(
    'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
    { type: 'PortSecurityPortHasSecurityGroup' },
  );

export const pairsNeedPortSecurity = () =>
  conflict('Port Security must be enabled in order to have allowed address pairs on a port.', {
    type: 'AddressPairAndPortSecurityRequired',
  });

export const portBound = (portId: string, vifType: string, oldMac: string, newMac: string) =>
  conflict(
    `Unable to complete operation on port ${portId}, port is already bound, port type: ${vifType}, old_mac ${oldMac}, new_mac ${newMac}.`,
    { type: 'PortBound' },
  );

/** Nova's, for a port whose name is not that of the server it is to serve. */
export const portHasOtherName = (id: string, server: string, name: string, hostname: string) =>
  badRequest(
    `Port ${id} not usable for instance ${server}. Value ${name} assigned to dns_name attribute does not match instance's hostname ${hostname}`,
    { type: 'PortNotUsableDNS' },
  );

export const portInUse = (portId: string, networkId: string, deviceId: string) =>
  conflict(
    `Unable to complete operation on port ${portId} for network ${networkId}. Port already has an attached device ${deviceId}.`,
    { type: 'PortInUse' },
  );

export const servicePortInUse = (portId: string, reason: string) =>
  conflict(`Port ${portId} cannot be deleted directly via the port API: ${reason}.`, {
    type: 'ServicePortInUse',
  });

export const unsupportedOwner = (operation: string, portId: string, owner: string) =>
  conflict(`Operation ${operation} is not supported for device_owner ${owner} on port ${portId}.`, {
    type: 'UnsupportedPortDeviceOwner',
  });

export const deviceNotOwned = (deviceId: string) =>
  conflict(
    `The following device_id ${deviceId} is not owned by your project or matches another project router.`,
    { type: 'DeviceIDNotOwnedByTenant' },
  );
