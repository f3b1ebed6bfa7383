import { createHash } from 'node:crypto';

import { type ChassisList, isGatewayChassis, physicalNetworksOf } from './hypervisors.ts';
import { derivedUuid, owned, physicalNetworkKey, routerName } from './names.ts';
import type { NorthboundChange } from './northbound.ts';

/** How many chassis stand by for one gateway. */
const standbys = 5;
const topPriority = 100;

/** Where a router's gateway port lives, most wanted chassis first; null when the router has no gateway. */
export const gatewayGroupUuid = (routerId: string): string => derivedUuid('gateway', routerId);

/**
 * The chassis that can carry a router's gateway make a high-availability group. Each router ranks them by a hash of
 * its own, so that gateways spread evenly, everybody comes to the same order without keeping it, and a chassis that
 * comes or goes moves no more gateways than it must.
 */
export function putGatewayGroup(
  change: NorthboundChange,
  routerId: string,
  physicalNetwork: string | undefined,
  chassis: ChassisList,
): string {
  const ranked = candidates(chassis, physicalNetwork)
    .map(({ name }) => ({ name, rank: rankOf(routerId, name) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, standbys)
    .map(({ name }, place) => ({ name, uuid: derivedUuid('gateway', routerId, name), place }));
  for (const { name, uuid, place } of ranked)
    change.put('HA_Chassis', uuid, { chassis_name: name, priority: topPriority - place });
  change.put('HA_Chassis_Group', gatewayGroupUuid(routerId), {
    name: routerName(routerId),
    ha_chassis: ranked.map(({ uuid }) => uuid),
    external_ids: {
      [owned.router]: routerId,
      ...(physicalNetwork && { [physicalNetworkKey]: physicalNetwork }),
    },
  });
  return gatewayGroupUuid(routerId);
}

/** Puts every gateway on the chassis there are now. */
export function rescheduleGateways(change: NorthboundChange, chassis: ChassisList): void {
  for (const { external_ids: ids } of change.rows('HA_Chassis_Group')) {
    const routerId = ids[owned.router];
    if (routerId) putGatewayGroup(change, routerId, ids[physicalNetworkKey], chassis);
  }
}

/** Chassis on the physical network; those meant for gateways when there are any. */
function candidates(chassis: ChassisList, physicalNetwork: string | undefined): ChassisList {
  const connected = chassis.filter(
    (row) => !physicalNetwork || physicalNetworksOf(row).includes(physicalNetwork),
  );
  const meant = connected.filter(isGatewayChassis);
  return meant.length > 0 ? meant : connected;
}

const rankOf = (routerId: string, chassis: string): string =>
  createHash('sha256').update(`${routerId} ${chassis}`).digest('hex');
