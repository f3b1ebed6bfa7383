import { badRequest, conflict, notFound, overQuota } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a subnet pool. */

export const subnetPoolNotFound = (id: string) =>
  notFound(`Subnet pool ${id} could not be found.`, { type: 'SubnetPoolNotFound' });

export const emptyPrefixList = () =>
  badRequest('Empty subnet pool prefix list.', { type: 'EmptySubnetPoolPrefixList' });

export const mixedVersions = () =>
  badRequest('Cannot mix IPv4 and IPv6 prefixes in a subnet pool.', { type: 'PrefixVersionMismatch' });

export const illegalBounds = (name: string, value: number, base: string, bound: number) =>
  badRequest(`Illegal prefix bounds: ${name}=${value}, ${base}=${bound}.`, {
    type: 'IllegalSubnetPoolPrefixBounds',
  });

export const illegalPrefixUpdate = (reason: string) =>
  badRequest(`Illegal update to prefixes: ${reason}.`, { type: 'IllegalSubnetPoolPrefixUpdate' });

export const illegalUpdate = (reason: string) =>
  badRequest(`Illegal subnetpool update : ${reason}.`, { type: 'IllegalSubnetPoolUpdate' });

export const poolHasSubnets = () =>
  badRequest('Unable to delete subnet pool: Subnet pool has existing allocations.', {
    type: 'SubnetPoolDeleteError',
  });

export const scopeOfOtherVersion = (poolId: string, scopeId: string, version: number) =>
  badRequest(
    `Illegal subnetpool association: subnetpool ${poolId} cannot associate with address scope ${scopeId} because subnetpool ip_version is not ${version}.`,
    { type: 'IllegalSubnetPoolIpVersionAssociationToAddressScope' },
  );

export const scopePrefixConflict = () =>
  conflict(
    'Failed to associate address scope: subnetpools within an address scope must have unique prefixes.',
    { type: 'AddressScopePrefixConflict' },
  );

export const prefixTooShort = (length: number, min: number) =>
  badRequest(`Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${min}.`, {
    type: 'MinPrefixSubnetAllocationError',
  });

export const prefixTooLong = (length: number, max: number) =>
  badRequest(`Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${max}.`, {
    type: 'MaxPrefixSubnetAllocationError',
  });

export const allocationFailed = (reason: string) =>
  conflict(`Failed to allocate subnet: ${reason}.`, { type: 'SubnetAllocationError' });

export const poolQuotaExceeded = () =>
  overQuota('Per-project subnet pool prefix quota exceeded.', { type: 'SubnetPoolQuotaExceeded' });

export const poolAffinity = () =>
  badRequest('Subnets hosted on the same network must be allocated from the same subnet pool.', {
    type: 'NetworkSubnetPoolAffinityError',
  });
