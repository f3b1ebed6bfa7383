/** Amounts by resource class: `{ VCPU: 1, MEMORY_MB: 512, DISK_GB: 1 }`. */
export type Resources = Readonly<Record<string, number>>;

/** How much of a resource class a provider has. Field meanings are Placement's. */
export interface Inventory {
  readonly total: number;
  readonly reserved: number;
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
  readonly allocationRatio: number;
}

/** A compute host as a resource provider. */
export interface HostProvider {
  readonly uuid: string;
  readonly name: string;
  readonly inventories: Readonly<Record<string, Inventory>>;
  readonly traits: readonly string[];
}

/**
 * What a provider must offer. Traits are names; a provider has all required ones and none of the forbidden.
 */
export interface CandidateQuery {
  readonly resources: Resources;
  readonly requiredTraits?: readonly string[];
  readonly forbiddenTraits?: readonly string[];
  /** Each inner list: the provider must be in at least one of these aggregates. */
  readonly memberOf?: readonly (readonly string[])[];
  readonly limit?: number;
}

/** A provider that has room, and what it would give. */
export interface Candidate {
  readonly provider: string;
  readonly resources: Resources;
  /** Capacity and use of the provider, by resource class. */
  readonly summary: Readonly<Record<string, { capacity: number; used: number }>>;
  readonly traits: readonly string[];
}

/** What a consumer, usually a server, takes from which providers. */
export interface Claim {
  readonly consumer: string;
  readonly projectId: string;
  readonly userId: string;
  /** Resources by provider uuid. */
  readonly allocations: Readonly<Record<string, Resources>>;
  /** Placement's consumer type; left out, `INSTANCE`. */
  readonly consumerType?: string;
}

/** What other services may ask of Placement; providers and consumers are the same rows its API serves. */
export interface PlacementContract {
  /** The traits Placement knows without anybody making them (os-traits). */
  readonly standardTraits: ReadonlySet<string>;
  /** Makes the provider exist with this inventory and these traits; changes nothing when nothing changed. */
  reportHost(host: HostProvider): Promise<void>;
  /** Removes a provider and its inventory. Throws `conflict` while something is allocated from it. */
  removeHost(uuid: string): Promise<void>;
  /** Sets the aggregates of a provider. */
  setAggregates(provider: string, aggregates: readonly string[]): Promise<void>;
  /** Providers with room for what is asked; none when nobody has. */
  candidates(query: CandidateQuery): Promise<Candidate[]>;
  /** Replaces a consumer's allocations in one transaction; false when a provider has no room any more. Idempotent. */
  claim(claim: Claim): Promise<boolean>;
  /** Resources by provider; empty when the consumer has none. */
  allocations(consumer: string): Promise<Readonly<Record<string, Resources>>>;
  /**
   * Hands all allocations of one consumer to another, e.g. from a server to its migration, in place of what that one
   * holds. Tolerates absence. `consumerType` is what the receiver is; left out, `INSTANCE`.
   */
  transfer(from: string, to: string, consumerType?: string): Promise<void>;
  /** Frees everything a consumer holds; tolerates absence. */
  release(consumer: string): Promise<void>;
  /** Every consumer with an allocation, for audits. */
  consumers(): Promise<readonly string[]>;
}
