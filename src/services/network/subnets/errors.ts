import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import type { Pool } from './values.ts';

/** neutron_lib/exceptions: what can be wrong with a subnet. */

const shown = (pool: Pool) => `${pool.start}-${pool.end}`;

/** 409: a port that does not simply yield has an address on a subnet to be deleted. */
export const subnetInUse = (id: string) =>
  conflict(
    `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`,
    { type: 'SubnetInUse' },
  );

/** 400: an allocation pool is of the other IP version, or ends before it starts. */
export const invalidPool = (pool: Pool) =>
  badRequest(`The allocation pool ${shown(pool)} is not valid.`, { type: 'InvalidAllocationPool' });

/** 400: an allocation pool has addresses hosts of the subnet cannot have. */
export const poolOutOfBounds = (pool: Pool, cidr: string) =>
  badRequest(`The allocation pool ${shown(pool)} spans beyond the subnet cidr ${cidr}.`, {
    type: 'OutOfBoundsAllocationPool',
  });

/** 409: two allocation pools of one subnet have addresses in common. */
export const overlappingPools = (one: Pool, other: Pool, cidr: string) =>
  conflict(`Found overlapping allocation pools: ${shown(one)} ${shown(other)} for subnet ${cidr}.`, {
    type: 'OverlappingAllocationPools',
  });

/** 409: ports could be given the gateway's address. */
export const gatewayInPool = (gateway: string, pool: Pool) =>
  conflict(`Gateway ip ${gateway} conflicts with allocation pool ${shown(pool)}.`, {
    type: 'GatewayConflictWithAllocationPools',
  });

/** 409: the gateway cannot be changed or removed while a router answers at it. */
export const gatewayInUse = (gateway: string, portId: string) =>
  conflict(`Current gateway ip ${gateway} already in use by port ${portId}. Unable to update.`, {
    type: 'GatewayIpInUse',
  });

/** 400: more nameservers than Neutron's `max_dns_nameservers`; `subnet` is an id or `new subnet`. */
export const tooManyNameservers = (subnet: string, max: number) =>
  badRequest(
    `Unable to complete operation for ${subnet}. The number of DNS nameservers exceeds the limit ${max}.`,
    { type: 'DNSNameServersExhausted' },
  );

/** 400: more routes than Neutron's `max_subnet_host_routes`; `subnet` is an id or `new subnet`. */
export const tooManyRoutes = (subnet: string, max: number) =>
  badRequest(
    `Unable to complete operation for ${subnet}. The number of host routes exceeds the limit ${max}.`,
    { type: 'HostRoutesExhausted' },
  );
