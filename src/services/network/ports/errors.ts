import { badRequest, conflict, unavailable } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a port. */

/** When a port asks for a MAC address that another port of its network has: 409. */
export const macAddressInUse = (networkId: string, mac: string) =>
  conflict(`Unable to complete operation for network ${networkId}. The mac address ${mac} is in use.`, {
    type: 'MacAddressInUse',
  });

/** When every random MAC address tried was taken on the network: 503. */
export const noMacAddress = (networkId: string) =>
  unavailable(`Unable to generate unique mac on network ${networkId}.`, {
    type: 'NetworkMacAddressGenerationFailure',
  });

/** When the pools of every subnet that could give a port an address are exhausted: 409. */
export const noMoreAddresses = (networkId: string) =>
  conflict(`No more IP addresses available on network ${networkId}.`, { type: 'IpAddressGenerationFailure' });

/** When the address a port asks for, or one that follows from its MAC address, is another's: 409. */
export const addressTaken = (address: string, subnetId: string) =>
  conflict(`IP address ${address} already allocated in subnet ${subnetId}`, {
    type: 'IpAddressAlreadyAllocated',
  });

/** When each subnet of the network is reserved (`service_types`) for other kinds of devices: 409. */
export const noServiceSubnet = (networkId: string, owner: string) =>
  conflict(
    `No valid service subnet for the given device owner, network ${networkId}, service type ${owner}.`,
    { type: 'IpAddressGenerationFailureNoMatchingSubnet' },
  );

/** When the address asked for is not one for hosts of the subnet asked for with it: 400. */
export const notInSubnet = (address: string) =>
  badRequest(`IP address ${address} is not a valid IP for the specified subnet.`, {
    type: 'InvalidIpForSubnet',
  });

/** When the address asked for is one for hosts of no subnet of the network: 400. */
export const notInNetwork = (address: string) =>
  badRequest(`IP address ${address} is not a valid IP for any of the subnets on the specified network.`, {
    type: 'InvalidIpForNetwork',
  });

/** When an address is asked for on a SLAAC or stateless subnet that does not follow from the MAC address: 400. */
export const automaticSubnet = (address: string, subnetId: string) =>
  badRequest(
    `IPv6 address ${address} cannot be directly assigned to a port on subnet ${subnetId} as the subnet is configured for automatic addresses`,
    { type: 'AllocationOnAutoAddressSubnet' },
  );

/** When security groups are asked for on a port without port security: 400. */
export const groupsNeedPortSecurity = () =>
  badRequest(
    'Port security must be enabled and port must have an IP address in order to use security groups.',
    { type: 'PortSecurityAndIPRequiredForSecurityGroups' },
  );

/** When port security is to be switched off and the port stays in security groups: 409. */
export const groupsHoldPortSecurity = () =>
  conflict(
    'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
    { type: 'PortSecurityPortHasSecurityGroup' },
  );

/** When a port without port security is given allowed address pairs, or would keep its own: 409. */
export const pairsNeedPortSecurity = () =>
  conflict('Port Security must be enabled in order to have allowed address pairs on a port.', {
    type: 'AddressPairAndPortSecurityRequired',
  });

/** When the MAC address of a port that is bound to a host is to change: 409. */
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

/** When a port that serves a device already is to serve another: 409. */
export const portInUse = (portId: string, networkId: string, deviceId: string) =>
  conflict(
    `Unable to complete operation on port ${portId} for network ${networkId}. Port already has an attached device ${deviceId}.`,
    { type: 'PortInUse' },
  );

/** When a port is removed that its router or floating ip still needs: 409. */
export const servicePortInUse = (portId: string, reason: string) =>
  conflict(`Port ${portId} cannot be deleted directly via the port API: ${reason}.`, {
    type: 'ServicePortInUse',
  });

/** When the MAC address of a port of the network's own devices is to change: 409. */
export const unsupportedOwner = (operation: string, portId: string, owner: string) =>
  conflict(`Operation ${operation} is not supported for device_owner ${owner} on port ${portId}.`, {
    type: 'UnsupportedPortDeviceOwner',
  });

/** When someone but an administrator makes a port one of another project's router: 409. */
export const deviceNotOwned = (deviceId: string) =>
  conflict(
    `The following device_id ${deviceId} is not owned by your project or matches another project router.`,
    { type: 'DeviceIDNotOwnedByTenant' },
  );
