import { badRequest, conflict, notFound, overQuota } from '#kit/errors/cloud-error.ts';

/** neutron_lib/exceptions: what can be wrong with a subnet pool. */

/** 404: there is no such pool, or the caller may not see it. */
export const subnetPoolNotFound = (id: string) =>
  notFound(`Subnet pool ${id} could not be found.`, { type: 'SubnetPoolNotFound' });

/** 400: a pool is to be without prefixes, or to be changed while it has none. */
export const emptyPrefixList = () =>
  badRequest('Empty subnet pool prefix list.', { type: 'EmptySubnetPoolPrefixList' });

/** 400: the prefixes of a pool are of both IP versions. */
export const mixedVersions = () =>
  badRequest('Cannot mix IPv4 and IPv6 prefixes in a subnet pool.', { type: 'PrefixVersionMismatch' });

/** 400: of a pool's lengths `name` contradicts `base`, which is another one or the most bits there are. */
export const illegalBounds = (name: string, value: number, base: string, bound: number) =>
  badRequest(`Illegal prefix bounds: ${name}=${value}, ${base}=${bound}.`, {
    type: 'IllegalSubnetPoolPrefixBounds',
  });

/** 400: an update leaves prefixes out, or prefixes to be removed are in use. */
export const illegalPrefixUpdate = (reason: string) =>
  badRequest(`Illegal update to prefixes: ${reason}.`, { type: 'IllegalSubnetPoolPrefixUpdate' });

/** 400: the pool is in a scope that is not the caller's, or subnets to take in overlap its own. */
export const illegalUpdate = (reason: string) =>
  badRequest(`Illegal subnetpool update : ${reason}.`, { type: 'IllegalSubnetPoolUpdate' });

/** 400, not a conflict, as in Neutron: a pool cannot be deleted while subnets are from it. */
export const poolHasSubnets = () =>
  badRequest('Unable to delete subnet pool: Subnet pool has existing allocations.', {
    type: 'SubnetPoolDeleteError',
  });

/** 400: the address scope is of IP `version`, the pool of the other one. */
export const scopeOfOtherVersion = (poolId: string, scopeId: string, version: number) =>
  badRequest(
    `Illegal subnetpool association: subnetpool ${poolId} cannot associate with address scope ${scopeId} because subnetpool ip_version is not ${version}.`,
    { type: 'IllegalSubnetPoolIpVersionAssociationToAddressScope' },
  );

/** 409: another pool of the address scope has some of the addresses. */
export const scopePrefixConflict = () =>
  conflict(
    'Failed to associate address scope: subnetpools within an address scope must have unique prefixes.',
    { type: 'AddressScopePrefixConflict' },
  );

/** 400: the subnet asked for is larger than the pool's `min_prefixlen` allows. */
export const prefixTooShort = (length: number, min: number) =>
  badRequest(`Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${min}.`, {
    type: 'MinPrefixSubnetAllocationError',
  });

/** 400: the subnet asked for is smaller than the pool's `max_prefixlen` allows. */
export const prefixTooLong = (length: number, max: number) =>
  badRequest(`Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${max}.`, {
    type: 'MaxPrefixSubnetAllocationError',
  });

/** 409: the pool has no room for the subnet asked for. */
export const allocationFailed = (reason: string) =>
  conflict(`Failed to allocate subnet: ${reason}.`, { type: 'SubnetAllocationError' });

/** 409: the project would have more of the pool than the pool's `default_quota`. */
export const poolQuotaExceeded = () =>
  overQuota('Per-project subnet pool prefix quota exceeded.', { type: 'SubnetPoolQuotaExceeded' });

/** 400: the network's other subnets of this IP version are from another pool, or from none. */
export const poolAffinity = () =>
  badRequest('Subnets hosted on the same network must be allocated from the same subnet pool.', {
    type: 'NetworkSubnetPoolAffinityError',
  });
