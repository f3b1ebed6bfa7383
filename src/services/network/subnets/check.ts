import {
  addressOf,
  type Cidr,
  cidrOf,
  contains,
  formatAddress,
  inCidr,
  overlaps,
  parseAddress,
  type Range,
  subtract,
} from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';
import {
  gatewayInPool,
  invalidPool,
  overlappingPools,
  poolOutOfBounds,
  tooManyNameservers,
  tooManyRoutes,
} from './errors.ts';
import type { Pool, Route } from './values.ts';

/** What a subnet must hold to, following neutron/db/db_base_plugin_v2.py. */

/** neutron's max_dns_nameservers and max_subnet_host_routes. */
const mostNameservers = 5;
const mostRoutes = 20;

type Mode = 'dhcpv6-stateful' | 'dhcpv6-stateless' | 'slaac';

/** A subnet as it is to be; for an update with what stays filled in. */
export interface Plan {
  /** Its id, or `new subnet`. */
  readonly name: string;
  readonly version: 4 | 6;
  readonly cidr: Cidr;
  /** The gateway the caller names; null: none, or not named. One that is made up may be where none can be put. */
  readonly gateway: string | null;
  readonly dhcp: boolean;
  readonly raMode: Mode | undefined;
  readonly addressMode: Mode | undefined;
  readonly nameservers: readonly string[];
  readonly routes: readonly Route[];
}

/** Throws 400 for what cannot be; `dhcpWasOn` leaves out what held before. */
export function checkPlan(plan: Plan, dhcpWasOn = false): void {
  const { version, cidr, gateway } = plan;
  if (cidr.version !== version) throw mismatch('cidr', cidr, version);
  if (cidr.prefix === 0) throw invalidInput('0 is not allowed as CIDR prefix length');
  if (version === 6 && cidr.start === 0n) throw invalidInput("IPv6 subnet '::' is not supported");
  if (plan.dhcp && !dhcpWasOn) checkDhcp(cidr);
  if (gateway !== null) checkGateway(cidr, gateway);
  if (plan.nameservers.length > mostNameservers) throw tooManyNameservers(plan.name, mostNameservers);
  for (const server of plan.nameservers) sameVersion('dns_nameserver', server, version);
  if (plan.routes.length > mostRoutes) throw tooManyRoutes(plan.name, mostRoutes);
  for (const { destination, nexthop } of plan.routes) {
    sameVersion('nexthop', nexthop, version);
    if (cidrOf(destination).version !== version)
      throw invalidInput(`destination '${destination}' does not match the ip_version '${version}'`);
  }
  checkModes(plan);
}

function checkDhcp(cidr: Cidr): void {
  if (cidr.prefix > (cidr.version === 4 ? 30 : 126))
    throw invalidInput('Subnet has a prefix length that is incompatible with DHCP service enabled');
  const first = cidr.version === 4 ? cidr.start >> 24n : cidr.start >> 120n;
  const multicast = cidr.version === 4 ? first >= 224n && first <= 239n : first === 0xffn;
  if (multicast) throw invalidInput('Multicast IP subnet is not supported if enable_dhcp is True');
  if (cidr.version === 4 ? first === 127n : cidr.start === 1n)
    throw invalidInput('Loopback IP subnet is not supported if enable_dhcp is True');
  if (cidr.version === 4 && cidr.start === 0n)
    throw invalidInput("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.");
}

function checkGateway(cidr: Cidr, text: string): void {
  sameVersion('gateway_ip', text, cidr.version);
  const gateway = addressOf(text);
  const edge = gateway.value === cidr.start || gateway.value === cidr.end;
  if (cidr.version === 4 && inCidr(cidr, gateway) && edge)
    throw invalidInput('Gateway is not valid on subnet');
}

function sameVersion(name: string, text: string, version: number): void {
  if (parseAddress(text)?.version !== version)
    throw invalidInput(`${name} '${text}' does not match the ip_version '${version}'`);
}

const mismatch = (name: string, cidr: Cidr, version: number) =>
  invalidInput(
    `${name} '${formatAddress(cidr.version, cidr.start)}/${cidr.prefix}' does not match the ip_version '${version}'`,
  );

function checkModes({ version, raMode, addressMode, dhcp, cidr }: Plan): void {
  if (version === 4) {
    if (raMode) throw invalidInput('ipv6_ra_mode is not valid when ip_version is 4');
    if (addressMode) throw invalidInput('ipv6_address_mode is not valid when ip_version is 4');
    return;
  }
  if ((raMode || addressMode) && !dhcp)
    throw invalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  if (raMode && addressMode && raMode !== addressMode) {
    throw invalidInput(
      `ipv6_ra_mode set to '${raMode}' with ipv6_address_mode set to '${addressMode}' is not valid. If both attributes are set, they must be the same value`,
    );
  }
  const automatic = [raMode, addressMode].some((mode) => mode === 'slaac' || mode === 'dhcpv6-stateless');
  if (automatic && cidr.prefix !== 64) {
    throw invalidInput(
      `Invalid CIDR ${formatAddress(6, cidr.start)}/${cidr.prefix} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64`,
    );
  }
}

/** The addresses hosts may have: without IPv4's network and broadcast, without IPv6's router anycast address. */
export function hostRange(cidr: Cidr): Range {
  if (cidr.start === cidr.end) return { start: cidr.start, end: cidr.end };
  if (cidr.version === 6) return { start: cidr.start + 1n, end: cidr.end };
  if (cidr.prefix > 30) return { start: cidr.start, end: cidr.end };
  return { start: cidr.start + 1n, end: cidr.end - 1n };
}

/** The gateway of a subnet that names none: the first host, in IPv6 the network's own address. */
export const defaultGateway = (cidr: Cidr): string =>
  formatAddress(cidr.version, cidr.version === 6 ? cidr.start : cidr.start + 1n);

/** The pools of a subnet that names none: every host but the gateway; a single address is a host in any case. */
export function defaultPools(cidr: Cidr, gateway: string | null): Pool[] {
  const hosts = [hostRange(cidr)];
  const value = gateway === null || cidr.start === cidr.end ? undefined : addressOf(gateway).value;
  const free = value === undefined ? hosts : subtract(hosts, { start: value, end: value });
  return free.map(({ start, end }) => ({
    start: formatAddress(cidr.version, start),
    end: formatAddress(cidr.version, end),
  }));
}

/** Throws for pools that are no ranges of the subnet's hosts, overlap, or hold the gateway. */
export function checkPools(pools: readonly Pool[], cidr: Cidr, gateway: string | null): void {
  const hosts = hostRange(cidr);
  const shownCidr = `${formatAddress(cidr.version, cidr.start)}/${cidr.prefix}`;
  const ranges = pools.map((pool) => {
    const [start, end] = [addressOf(pool.start), addressOf(pool.end)];
    if (start.version !== cidr.version || end.version !== cidr.version || start.value > end.value)
      throw invalidPool(pool);
    if (!contains(hosts, start.value) || !contains(hosts, end.value)) throw poolOutOfBounds(pool, shownCidr);
    return { start: start.value, end: end.value };
  });
  const [one, other] = overlappingPair(ranges) ?? [];
  if (one !== undefined && other !== undefined) throw overlappingPools(pools[one]!, pools[other]!, shownCidr);
  requireGatewayOutside(pools, ranges, gateway);
}

/** Indexes of two ranges that overlap, in order: by their starts, such a pair stands side by side. */
function overlappingPair(ranges: readonly Range[]): number[] | undefined {
  const order = [...ranges.keys()].sort((a, b) => (ranges[a]!.start < ranges[b]!.start ? -1 : 1));
  const at = order.findIndex((index, i) => i > 0 && overlaps(ranges[order[i - 1]!]!, ranges[index]!));
  return at < 0 ? undefined : order.slice(at - 1, at + 1).sort((a, b) => a - b);
}

function requireGatewayOutside(
  pools: readonly Pool[],
  ranges: readonly Range[],
  gateway: string | null,
): void {
  if (gateway === null) return;
  const { value } = addressOf(gateway);
  const at = ranges.findIndex((range) => contains(range, value));
  if (at >= 0) throw gatewayInPool(gateway, pools[at]!);
}
