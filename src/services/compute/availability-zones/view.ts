import { isoMicrosNaive } from '#kit/clock/clock.ts';

import type { Presence } from '../compute-services/presence.ts';
import type { Service } from '../compute-services/store.ts';
import type { Zone } from './zones.ts';

/** A zone as everybody may see it. */
export const viewZoneBriefly = (zone: Zone) => ({
  zoneName: zone.name,
  zoneState: { available: zone.services.length > 0 },
  hosts: null as unknown,
});

/** A zone with its hosts and the services on each. */
export function viewZone(zone: Zone, presence: Presence) {
  if (zone.services.length === 0) return viewZoneBriefly(zone);
  const hosts: Record<string, Record<string, object>> = {};
  for (const service of zone.services) {
    hosts[service.host] ??= {};
    hosts[service.host]![service.binary] = viewZoneService(service, presence);
  }
  return { ...viewZoneBriefly(zone), hosts };
}

const viewZoneService = (service: Service, presence: Presence) => ({
  available: presence.isUp(service),
  active: !service.disabled,
  updated_at: isoMicrosNaive(presence.lastSeen(service)),
});
