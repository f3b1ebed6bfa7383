import type { Credentials } from '#kit/auth/credentials.ts';

/** A fixed address of a port with what a guest needs to use it. */
export interface PortAddress {
  readonly address: string;
  readonly version: 4 | 6;
  readonly subnetId: string;
  readonly cidr: string;
  readonly gateway: string | null;
  readonly dnsServers: readonly string[];
  readonly routes: readonly { destination: string; nexthop: string }[];
  readonly dhcp: boolean;
  readonly ipv6AddressMode: string | null;
  /** Addresses that NAT to this one. */
  readonly floating: readonly string[];
}

/** A port as Compute sees it. */
export interface PortFacts {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly networkMtu: number;
  readonly projectId: string;
  readonly mac: string;
  readonly status: 'ACTIVE' | 'DOWN' | 'BUILD' | 'ERROR';
  readonly adminStateUp: boolean;
  readonly deviceId: string;
  readonly deviceOwner: string;
  /** Empty while unbound. */
  readonly host: string;
  readonly vnicType: string;
  readonly vifType: string;
  readonly addresses: readonly PortAddress[];
  readonly securityGroups: readonly string[];
  readonly portSecurity: boolean;
  readonly tags: readonly string[];
}

/** What a server asked for on one interface, after the request was checked. */
export interface InterfaceRequest {
  /** Either a port that exists, or a network on which one is made. */
  readonly portId?: string;
  readonly networkId?: string;
  readonly fixedIp?: string;
  readonly tag?: string;
}

/** A port to be made for a server. */
export interface NewPort {
  /** Chosen by the caller, so that a repeated call makes one port. */
  readonly id: string;
  readonly networkId: string;
  readonly projectId: string;
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly fixedIp?: string;
  /** Ids; empty means the project's default group. */
  readonly securityGroups: readonly string[];
  readonly dnsName?: string;
  /** The host to bind it to; left out, it stays unbound. */
  readonly host?: string;
}

/** A network, as far as placing a server on it needs it. */
export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  readonly external: boolean;
  readonly hasSubnets: boolean;
  readonly portSecurity: boolean;
}

/** A security group without its rules. */
export interface SecurityGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
}

/** Told when a port goes up or down, or is deleted. */
export type PortListener = (event: {
  portId: string;
  deviceId: string;
  status: 'ACTIVE' | 'DOWN' | 'DELETED';
}) => void;

/** What other services may ask of Network. Errors are CloudErrors in Neutron's words. */
export interface NetworkContract {
  /** Networks the caller may put a server on, optionally only these ids; in the order asked, else by name. */
  networks(caller: Credentials, ids?: readonly string[]): Promise<NetworkSummary[]>;
  /** A port the caller may use. Throws `notFound`. */
  port(id: string, caller?: Credentials): Promise<PortFacts>;
  /** The ports of any of these devices. */
  portsOf(deviceIds: readonly string[]): Promise<PortFacts[]>;
  /** Ids of the caller's security groups by name or id. Throws `notFound` or, for an ambiguous name, `conflict`. */
  securityGroups(caller: Credentials, namesOrIds: readonly string[]): Promise<SecurityGroupFacts[]>;
  /** Security groups by id; ids of none are passed over. */
  securityGroupsById(ids: readonly string[]): Promise<SecurityGroupFacts[]>;
  /** Replaces the security groups of a port. Throws `notFound`. */
  setSecurityGroups(portId: string, ids: readonly string[]): Promise<void>;
  /** Throws what Neutron would throw if `count` more ports were made on a network: quota, no free address, address in use. */
  checkRoom(caller: Credentials, networkId: string, count: number, fixedIp?: string): Promise<void>;
  /** Makes a port for a server. Idempotent by id; one that exists is bound to the host given. */
  createPort(port: NewPort): Promise<PortFacts>;
  /**
   * Claims an existing port for a device, and binds it if a host is given. Throws `conflict` when another has it, and
   * `badRequest` when it has a name other than the device's. Idempotent.
   */
  claimPort(
    id: string,
    device: { id: string; owner: string; dnsName?: string; host?: string },
  ): Promise<PortFacts>;
  /** Gives a claimed port back: no device, no name, no binding. Tolerates absence. */
  releasePort(id: string): Promise<void>;
  /** Binds a port to a host; the network layer wires it when its interface shows up there. Idempotent. */
  bindPort(id: string, host: string): Promise<PortFacts>;
  /** Takes a port from its host; its device keeps it. Tolerates absence. */
  unbindPort(id: string): Promise<void>;
  /** Deletes a port. Tolerates absence. */
  deletePort(id: string): Promise<void>;
  /** The port that has this address on this network, for metadata. */
  portByAddress(networkId: string, address: string): Promise<PortFacts | undefined>;
  /** Associates or takes away a floating address, for Compute's old proxy actions. */
  associateFloatingIp(
    caller: Credentials,
    floatingAddress: string,
    portId: string,
    fixedAddress?: string,
  ): Promise<void>;
  /** Takes a floating address from its port. */
  disassociateFloatingIp(caller: Credentials, floatingAddress: string): Promise<void>;
  /** Ports whose device's owner begins with this, e.g. `compute:`. For audits. */
  devicePorts(ownerPrefix: string): Promise<{ id: string; deviceId: string; host: string }[]>;
  /** The network made for a project that asks for one (`networks: auto`), with subnets and a router. Idempotent. */
  autoAllocate(projectId: string): Promise<string>;
  /** Throws `conflict` where {@link autoAllocate} could not make one. */
  canAutoAllocate(): Promise<void>;
  /** Tells of every port that goes up or down, or is deleted, from now on. */
  onPort(listener: PortListener): void;
}

/** IP protocols by the names rules may give (neutron_lib/constants.py, IP_PROTOCOL_MAP); some share a number. */
export const protocolNumbers: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
};

/** The number of a protocol given by name or number. */
export const protocolNumber = (protocol: string): number => protocolNumbers[protocol] ?? Number(protocol);
