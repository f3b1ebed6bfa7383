import { repr } from '#kit/http/validation.ts';

import type { Aggregate, Aggregates } from './store.ts';
import { zoneKey } from './zones.ts';

/**
 * What nova.compute.api.AggregateAPI keeps to: a host is in one availability zone at most, and servers never change
 * theirs because somebody moves a host. Each rule answers why a change may not be, or undefined.
 */

/** How many servers each host has. */
export type ServerCounts = ReadonlyMap<string, { readonly servers: number }>;

/** Why the zone of an aggregate may not become `zone`. */
export function problemOfZone(
  aggregate: Aggregate,
  zone: string | null,
  aggregates: Aggregates,
  counts: ServerCounts,
): string | undefined {
  if (!zone) return `Aggregate ${aggregate.name} does not support empty named availability zone`;
  const conflict = problemOfZones(aggregate, zone, aggregate.hosts, aggregates);
  if (conflict) return conflict;
  const moves = aggregate.metadata[zoneKey] !== zone && aggregate.hosts.some((host) => counts.has(host));
  return moves ? 'One or more hosts contain instances in this zone' : undefined;
}

/** Why a host may not join an aggregate. */
export function problemOfJoining(
  aggregate: Aggregate,
  host: string,
  aggregates: Aggregates,
  counts: ServerCounts,
): string | undefined {
  const zone = aggregate.metadata[zoneKey];
  if (zone === undefined) return undefined;
  const conflict = problemOfZones(aggregate, zone, [host], aggregates);
  if (conflict) return conflict;
  const before = zonesOf(host, aggregates)[0];
  const servers = counts.get(host)?.servers ?? 0;
  if (servers === 0 || before === zone) return undefined;
  return movingText('added to', before ?? 'None', zone, servers);
}

/** Why a host may not leave an aggregate. */
export function problemOfLeaving(
  aggregate: Aggregate,
  host: string,
  aggregates: Aggregates,
  counts: ServerCounts,
): string | undefined {
  const zone = aggregate.metadata[zoneKey];
  const servers = counts.get(host)?.servers ?? 0;
  if (zone === undefined || servers === 0) return undefined;
  const others = aggregates.filter((a) => a.id !== aggregate.id);
  const after = zonesOf(host, others)[0];
  return after === zone ? undefined : movingText('removed from', zone, after ?? 'None', servers);
}

function problemOfZones(
  aggregate: Aggregate,
  zone: string,
  hosts: readonly string[],
  aggregates: Aggregates,
): string | undefined {
  const others = aggregates.filter((a) => a.id !== aggregate.id && a.hosts.some((h) => hosts.includes(h)));
  const zones = others.flatMap((a) => a.metadata[zoneKey] ?? []).filter((other) => other !== zone);
  return zones.length > 0 ? `One or more hosts already in availability zone(s) ${repr(zones)}` : undefined;
}

const zonesOf = (host: string, aggregates: Aggregates): string[] =>
  aggregates.filter((a) => a.hosts.includes(host)).flatMap((a) => a.metadata[zoneKey] ?? []);

const movingText = (how: string, from: string, to: string, servers: number): string =>
  `The host cannot be ${how} the aggregate as the availability zone of the host would change from '${from}' to ` +
  `'${to}' but the host already has ${servers} instance(s). Changing the AZ of an existing instance is not supported ` +
  'by this action. Move the instances away from this host then try again. If you need to move the instances between ' +
  'AZs then you can use shelve_offload and unshelve to achieve this.';
