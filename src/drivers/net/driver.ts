import type { MetadataAnswer, MetadataNetwork, MetadataRequest } from '#contracts/metadata.ts';

/**
 * The network driver. Its control half turns what the network service wants into what the engine has (OVN's Northbound
 * database); its host half, in the agent, plugs interfaces. Implementations: ovn, sim.
 * The service owns what is wanted; {@link NetDriver.apply} is idempotent and may be repeated at any time.
 */

/** A subnet with what DHCP and router advertisements tell of it. `gateway` null offers no way out. */
export interface WantedSubnet {
  readonly id: string;
  readonly version: 4 | 6;
  readonly cidr: string;
  readonly gateway: string | null;
  readonly dhcp: boolean;
  readonly dnsServers: readonly string[];
  readonly routes: readonly { destination: string; nexthop: string }[];
  readonly ipv6AddressMode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null;
  readonly ipv6RaMode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null;
}

/** A network with all its subnets. A physical network goes with `flat` and `vlan`, a segment's number with `vlan`. */
export interface WantedNetwork {
  readonly id: string;
  readonly name: string;
  readonly mtu: number;
  readonly type: 'geneve' | 'flat' | 'vlan';
  readonly physicalNetwork: string | null;
  readonly segmentationId: number | null;
  readonly external: boolean;
  readonly adminStateUp: boolean;
  readonly subnets: readonly WantedSubnet[];
  /** The addresses of the network's own service port (DHCP server identity, metadata), if it has one. */
  readonly servicePort: {
    readonly id: string;
    readonly mac: string;
    readonly addresses: readonly string[];
  } | null;
}

/** A port: `router` ones are a router's interfaces, `service` ones the network's own, all others `plain`. */
export interface WantedPort {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly mac: string;
  readonly addresses: readonly { readonly subnetId: string; readonly address: string }[];
  readonly adminStateUp: boolean;
  readonly deviceId: string;
  readonly deviceOwner: string;
  /** Empty while unbound. */
  readonly host: string;
  readonly portSecurity: boolean;
  readonly securityGroups: readonly string[];
  readonly allowedAddressPairs: readonly { readonly mac: string; readonly address: string }[];
  /** DHCP options the port overrides, by name or number. */
  readonly dhcpOptions: readonly {
    readonly name: string;
    readonly value: string | null;
    readonly version: 4 | 6;
  }[];
  /** Names its network's resolver answers with the port's addresses, lower case; they lead back to the last one. */
  readonly names: readonly string[];
  /**
   * An address of an unbound port that guests behind other ports, its holders, may take in turn: packets for it go to
   * whoever announced it last. Null for a port that stands for nobody but itself.
   */
  readonly shared: { readonly address: string; readonly holders: readonly string[] } | null;
  readonly kind: 'plain' | 'router' | 'service';
}

/** A security group with all its rules. They only allow: what none of them lets through is dropped. */
export interface WantedSecurityGroup {
  readonly id: string;
  readonly stateful: boolean;
  readonly rules: readonly WantedRule[];
}

/** What one rule lets through. Of `remoteCidr` and `remoteGroup` at most one is set; neither is everybody. */
export interface WantedRule {
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly version: 4 | 6;
  /** A protocol name or number, null for any. */
  readonly protocol: string | null;
  /** Ports, or ICMP type and code. */
  readonly min: number | null;
  readonly max: number | null;
  readonly remoteCidr: string | null;
  readonly remoteGroup: string | null;
}

/** A router with everything that hangs on it; its ports are changes of their own besides, of kind `router`. */
export interface WantedRouter {
  readonly id: string;
  readonly name: string;
  readonly adminStateUp: boolean;
  readonly interfaces: readonly {
    readonly portId: string;
    readonly networkId: string;
    readonly mac: string;
    readonly cidrs: readonly string[];
  }[];
  readonly gateway: {
    readonly portId: string;
    readonly networkId: string;
    readonly mac: string;
    readonly cidrs: readonly string[];
    /** Next hops of the default routes. */
    readonly nexthops: readonly string[];
    readonly snat: boolean;
    /** Address SNAT uses, and the networks behind it. */
    readonly snatAddress: string | null;
    readonly snatCidrs: readonly string[];
  } | null;
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly floatingIps: readonly {
    readonly id: string;
    readonly floatingAddress: string;
    readonly fixedAddress: string;
    readonly portId: string;
  }[];
}

/** One thing to make so, or, with `wanted` null, to remove. */
export type Change =
  | { readonly kind: 'network'; readonly id: string; readonly wanted: WantedNetwork | null }
  | { readonly kind: 'port'; readonly id: string; readonly wanted: WantedPort | null }
  | { readonly kind: 'securityGroup'; readonly id: string; readonly wanted: WantedSecurityGroup | null }
  | { readonly kind: 'router'; readonly id: string; readonly wanted: WantedRouter | null };

/** A hypervisor as the network layer sees it. */
export interface NetAgent {
  /** Stable id, e.g. the OVN chassis name. */
  readonly id: string;
  readonly host: string;
  readonly alive: boolean;
  readonly lastSeen: number;
  /** Physical networks it is connected to. */
  readonly physicalNetworks: readonly string[];
  readonly gateway: boolean;
}

/** A port's wiring. */
export interface PortStatus {
  readonly portId: string;
  readonly up: boolean;
  /** Name of the hypervisor it is up on. */
  readonly host: string | null;
}

/** The control half. Reads answer what the engine said last, and throw `unavailable` before it said anything. */
export interface NetDriver {
  readonly name: string;
  /** Makes changes so, in the given order and in as few transactions as can be. Throws `unavailable` when the engine is out of reach. */
  apply(changes: readonly Change[]): Promise<void>;
  /** Ids of everything of one kind the engine has, for convergence and audits. */
  present(kind: Change['kind']): Promise<readonly string[]>;
  /** Ids whose row differs from what is wanted: what {@link apply} would change. */
  drifted(changes: readonly Change[]): Promise<readonly string[]>;
  /** Tells when a port's wiring is up or down. On start it tells the state of every port once. */
  onPortStatus(listener: (status: PortStatus) => void): void;
  /** What was told of a port last; undefined when nothing was. */
  portStatus(portId: string): PortStatus | undefined;
  agents(): Promise<readonly NetAgent[]>;
  /** Forgets a hypervisor that is gone; one that lives makes itself known again. Tolerates absence. */
  removeAgent(id: string): Promise<void>;
  /** Whether the engine answers now. */
  readonly connected: boolean;
  close(): Promise<void>;
}

/** The host half: interfaces on this hypervisor. Every operation is idempotent. */
export interface NetHost {
  readonly name: string;
  /** Makes an interface and wires it to the logical port; answers the tap's name, null when simulated. */
  plug(port: {
    readonly portId: string;
    readonly mac: string;
    readonly mtu: number;
    readonly guestUid: number | null;
  }): Promise<{ tap: string | null }>;
  /** Tolerates absence. */
  unplug(portId: string): Promise<void>;
  /** Ports plugged on this host. */
  plugged(): Promise<readonly string[]>;
  /** Makes metadata answer inside these networks and nowhere else. Requests go to `answer`. */
  serveMetadata(networks: readonly MetadataNetwork[], answer: MetadataHandler): Promise<void>;
  /** Ports on this host without an owner in `known` (devices, switch ports, metadata namespaces). */
  orphans(known: {
    readonly ports: readonly string[];
    readonly networks: readonly string[];
  }): Promise<string[]>;
  removeOrphan(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Answers one guest's request. */
export type MetadataHandler = (request: MetadataRequest) => Promise<MetadataAnswer>;
