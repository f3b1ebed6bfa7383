import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import type { Pool } from './values.ts';

/** neutron_lib/exceptions: what can be wrong with a subnet. */

const shown = (pool: Pool) => `${pool.start}-${pool.end}`;

export const subnetInUse = (id: string) =>
  conflict(
    `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`,
    { type: 'SubnetInUse' },
  );

export const invalidPool = (pool: Pool) =>
  badRequest(`The allocation pool ${shown(pool)} is not valid.`, { type: 'InvalidAllocationPool' });

export const poolOutOfBounds = (pool: Pool, cidr: string) =>
  badRequest(`The allocation pool ${shown(pool)} spans beyond the subnet cidr ${cidr}.`, {
    type: 'OutOfBoundsAllocationPool',
  });

export const overlappingPools = (one: Pool, other: Pool, cidr: string) =>
  conflict(`Found overlapping allocation pools: ${shown(one)} ${shown(other)} for subnet ${cidr}.`, {
    type: 'OverlappingAllocationPools',
  });

export const gatewayInPool = (gateway: string, pool: Pool) =>
  conflict(`Gateway ip ${gateway} conflicts with allocation pool ${shown(pool)}.`, {
    type: 'GatewayConflictWithAllocationPools',
  });

export const gatewayInUse = (gateway: string, portId: string) =>
  conflict(`Current gateway ip ${gateway} already in use by port ${portId}. Unable to update.`, {
    type: 'GatewayIpInUse',
  });

export const tooManyNameservers = (subnet: string, max: number) =>
  badRequest(
    `Unable to complete operation for ${subnet}. The number of DNS nameservers exceeds the limit ${max}.`,
    { type: 'DNSNameServersExhausted' },
  );

export const tooManyRoutes = (subnet: string, max: number) =>
  badRequest(
    `Unable to complete operation for ${subnet}. The number of host routes exceeds the limit ${max}.`,
    { type: 'HostRoutesExhausted' },
  );
