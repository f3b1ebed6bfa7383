/** What travels between a guest that asks for metadata, the agent that hears it and the service that answers. */

/** A guest's request to its metadata service, as the agent saw it. */
export interface MetadataRequest {
  readonly networkId: string;
  readonly sourceAddress: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What came with a POST; left out when nothing did. */
  readonly body?: Uint8Array;
}

/** What the guest is answered. */
export interface MetadataAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A network with guests on this host, and the service port metadata is reached at. */
export interface MetadataNetwork {
  readonly networkId: string;
  readonly portId: string;
  readonly mac: string;
  /** CIDRs of the service port's addresses. */
  readonly cidrs: readonly string[];
  readonly mtu: number;
}
