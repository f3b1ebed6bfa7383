import type { Candidate } from '#contracts/placement.ts';

import type { Aggregate } from '../aggregates/store.ts';
import type { Host } from '../hosts/store.ts';
import type { ServerGroup } from '../server-groups/store.ts';
import type { Server } from '../servers/server.ts';

/** A host as filters and weighers see it. */
export interface HostState {
  readonly name: string;
  /** Its resource provider in Placement. */
  readonly uuid: string;
  readonly host: Host;
  /** Whether servers may be put on it: up and not disabled. */
  readonly usable: boolean;
  /** Whether they may be in a moment: its agent is away, but is expected back. */
  readonly returning: boolean;
  readonly zone: string;
  /** Metadata of its aggregates, one record each. */
  readonly aggregates: readonly Aggregate[];
  /** Capacity and use as Placement has them, by resource class. */
  readonly resources: Candidate['summary'];
  /** How many servers it has, and how many of them something is being done to. */
  readonly servers: number;
  readonly busy: number;
  /** How many servers of the requested group it has. */
  readonly groupMembers: number;
}

/** A host somebody named. */
export interface NamedHost {
  readonly host?: string;
  readonly node?: string;
}

/** What is to be placed, and what was asked of the place. */
export interface PlacingRequest {
  readonly server: Server;
  /** A host the server is forced onto, past the filters. */
  readonly forced?: NamedHost;
  /** The only host that will do, if the filters let it through. */
  readonly destination?: NamedHost;
  /** Hosts that failed already. */
  readonly tried: readonly string[];
}

/** A request with what was looked up for it, once. */
export interface Placing extends PlacingRequest {
  readonly group: ServerGroup | undefined;
  /** Hosts with servers of the group, and how many. */
  readonly groupHosts: ReadonlyMap<string, number>;
  /** Hosts of the servers that hints name, by server id. */
  readonly hintedHosts: ReadonlyMap<string, string>;
}

/** Lets a host through or keeps it out. */
export interface HostFilter {
  /** Nova's name. */
  readonly name: string;
  passes(host: HostState, placing: Placing): boolean;
}

/** Says how much a host is wanted; values are compared among the hosts of one request only. */
export interface HostWeigher {
  /** Nova's name. */
  readonly name: string;
  /** How much it counts beside the others. Negative: less is better. */
  readonly multiplier: number;
  weigh(host: HostState, placing: Placing): number;
}

/** How much of a resource class a host has left. */
export function freeOf(host: HostState, resourceClass: string): number {
  const resource = host.resources[resourceClass];
  return resource ? resource.capacity - resource.used : 0;
}
