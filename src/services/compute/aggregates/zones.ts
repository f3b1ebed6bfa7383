import type { Aggregates } from './store.ts';

/** The metadata item that makes an aggregate an availability zone. */
export const zoneKey = 'availability_zone';

/** The zone of hosts that are in none. */
export const defaultZone = 'nova';

/** The zone that services without a host of their own are shown in. It cannot be asked for. */
export const internalZone = 'internal';

/** The zone a host is in: that of one of its aggregates, which all agree, else the default one. */
export function zoneOf(aggregates: Aggregates, host: string): string {
  const zone = aggregates.find((a) => a.metadata[zoneKey] !== undefined && a.hosts.includes(host));
  return zone?.metadata[zoneKey] ?? defaultZone;
}
