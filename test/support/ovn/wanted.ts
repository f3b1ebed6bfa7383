import { randomUUID } from 'node:crypto';

import type {
  Change,
  WantedNetwork,
  WantedPort,
  WantedRouter,
  WantedRule,
  WantedSecurityGroup,
  WantedSubnet,
} from '#drivers/net/driver.ts';

/** Things networks are made of, with defaults for what a test does not care about. */

let macs = 0;
const newMac = (): string => {
  const n = (++macs).toString(16).padStart(4, '0');
  return `fa:16:3e:77:${n.slice(0, 2)}:${n.slice(2)}`;
};

/** A subnet with DHCP whose gateway is the first address of a prefix that ends on a byte. */
export const subnet = (cidr: string, more: Partial<WantedSubnet> = {}): WantedSubnet => ({
  id: randomUUID(),
  version: cidr.includes(':') ? 6 : 4,
  cidr,
  gateway: cidr.includes(':') ? cidr.replace(/::.*/, '::1') : cidr.replace(/\.\d+\/.*/, '.1'),
  dhcp: true,
  dnsServers: [],
  routes: [],
  ipv6AddressMode: null,
  ipv6RaMode: null,
  ...more,
});

/** A tunnelled network with one IPv4 subnet, and no service port. */
export const network = (
  subnets: readonly WantedSubnet[] = [subnet('10.9.0.0/24')],
  more: Partial<WantedNetwork> = {},
): WantedNetwork => ({
  id: randomUUID(),
  name: 'a network',
  mtu: 1442,
  type: 'geneve',
  physicalNetwork: null,
  segmentationId: null,
  external: false,
  adminStateUp: true,
  subnets,
  servicePort: null,
  ...more,
});

/** The nth address of a subnet. */
export const addressIn = ({ cidr }: WantedSubnet, n: number): string =>
  cidr.includes(':') ? cidr.replace(/::.*/, `::${n.toString(16)}`) : cidr.replace(/\.\d+\/.*/, `.${n}`);

/** The same with its prefix length. */
export const cidrIn = (of: WantedSubnet, n: number): string => `${addressIn(of, n)}/${of.cidr.split('/')[1]}`;

/** A port with the nth address of every subnet of a network. */
export const port = (on: WantedNetwork, n: number, more: Partial<WantedPort> = {}): WantedPort => ({
  id: randomUUID(),
  name: `port ${n}`,
  networkId: on.id,
  mac: newMac(),
  addresses: on.subnets.map((of) => ({ subnetId: of.id, address: addressIn(of, n) })),
  adminStateUp: true,
  deviceId: randomUUID(),
  deviceOwner: 'compute:nova',
  host: 'lab-host',
  portSecurity: false,
  securityGroups: [],
  allowedAddressPairs: [],
  dhcpOptions: [],
  names: [],
  shared: null,
  kind: 'plain',
  ...more,
});

/** The same network with a service port at the nth address of its subnets, and that port. */
export function withServicePort(on: WantedNetwork, n = 2): { network: WantedNetwork; service: WantedPort } {
  const service = port(on, n, { kind: 'service', deviceOwner: 'network:distributed', host: '' });
  const addresses = service.addresses.map(({ address }) => address);
  return { network: { ...on, servicePort: { id: service.id, mac: service.mac, addresses } }, service };
}

/** A rule that lets all IPv4 in. */
export const rule = (more: Partial<WantedRule> = {}): WantedRule => ({
  id: randomUUID(),
  direction: 'ingress',
  version: 4,
  protocol: null,
  min: null,
  max: null,
  remoteCidr: null,
  remoteGroup: null,
  ...more,
});

/** A group that lets everything out, and in what its rules say. */
export const securityGroup = (...rules: WantedRule[]): WantedSecurityGroup => ({
  id: randomUUID(),
  stateful: true,
  rules: [rule({ direction: 'egress' }), rule({ direction: 'egress', version: 6 }), ...rules],
});

/** A router, with the ports that join it to networks at their first addresses. */
export function router(
  networks: readonly WantedNetwork[],
  more: Partial<WantedRouter> = {},
): { router: WantedRouter; ports: WantedPort[] } {
  const id = randomUUID();
  const ports = networks.map((on) =>
    port(on, 1, { kind: 'router', deviceOwner: 'network:router_interface', deviceId: id, host: '' }),
  );
  const interfaces = networks.map((on, i) => ({
    portId: ports[i]!.id,
    networkId: on.id,
    mac: ports[i]!.mac,
    cidrs: on.subnets.map((of) => cidrIn(of, 1)),
  }));
  const wanted = {
    id,
    name: 'a router',
    adminStateUp: true,
    interfaces,
    gateway: null,
    routes: [],
    floatingIps: [],
    ...more,
  };
  return { router: wanted, ports };
}

/** The gateway of a router at the nth address of an external network, and its port. */
export function gateway(
  external: WantedNetwork,
  n: number,
  inside: readonly WantedNetwork[],
): { gateway: NonNullable<WantedRouter['gateway']>; port: WantedPort } {
  const owner = { kind: 'router', deviceOwner: 'network:router_gateway', host: '' } as const;
  const own = port(external, n, owner);
  const four = external.subnets.filter(({ version }) => version === 4);
  return {
    port: own,
    gateway: {
      portId: own.id,
      networkId: external.id,
      mac: own.mac,
      cidrs: external.subnets.map((of) => cidrIn(of, n)),
      nexthops: four.map((of) => of.gateway!),
      snat: true,
      snatAddress: addressIn(four[0]!, n),
      snatCidrs: inside.flatMap((of) =>
        of.subnets.filter(({ version }) => version === 4).map(({ cidr }) => cidr),
      ),
    },
  };
}

/** The network outside, where the lab itself has the first address. */
export const externalNetwork = (): WantedNetwork =>
  network([subnet('172.24.4.0/24', { dhcp: false })], {
    name: 'public',
    mtu: 1500,
    type: 'flat',
    physicalNetwork: 'public',
    external: true,
  });

/** Changes that make these things so. */
export const making = (things: {
  readonly networks?: readonly WantedNetwork[];
  readonly groups?: readonly WantedSecurityGroup[];
  readonly ports?: readonly WantedPort[];
  readonly routers?: readonly WantedRouter[];
}): Change[] => [
  ...(things.networks ?? []).map((wanted) => ({ kind: 'network' as const, id: wanted.id, wanted })),
  ...(things.groups ?? []).map((wanted) => ({ kind: 'securityGroup' as const, id: wanted.id, wanted })),
  ...(things.ports ?? []).map((wanted) => ({ kind: 'port' as const, id: wanted.id, wanted })),
  ...(things.routers ?? []).map((wanted) => ({ kind: 'router' as const, id: wanted.id, wanted })),
];

/** Changes that take back what others made. */
export const undoing = (changes: readonly Change[]): Change[] =>
  changes.map((change) => ({ ...change, wanted: null }) as Change).toReversed();
