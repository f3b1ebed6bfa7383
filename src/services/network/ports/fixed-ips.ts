import type { Selectable } from 'kysely';

import { fromJson } from '#kit/db/columns.ts';

import { claimAddress, claimFreeAddress } from '../addressing/allocate.ts';
import { addressOf, cidrOf, eui64Address, inCidr, parseAddress } from '../addressing/ip.ts';
import { invalidInput, subnetNotFound } from '../errors.ts';
import { subnetsById, subnetsOfNetwork } from '../subnets/store.ts';
import type { Db, SubnetTable } from '../tables.ts';
import {
  addressTaken,
  automaticSubnet,
  noMoreAddresses,
  noServiceSubnet,
  notInNetwork,
  notInSubnet,
} from './errors.ts';
import { isRouterPort, owners } from './owners.ts';
import { type Allocation, releaseAddresses } from './store.ts';
import type { FixedIp } from './values.ts';

/** Which addresses a port gets, following neutron/db/ipam_pluggable_backend.py. */

type Subnet = Selectable<SubnetTable>;

/** The port addresses are for. */
export interface Addressee {
  readonly id: string;
  readonly networkId: string;
  readonly deviceOwner: string;
  readonly mac: string;
}

/** Whether hosts give themselves addresses on a subnet. */
export const isAutomatic = (subnet: Pick<Subnet, 'ipv6_address_mode' | 'ipv6_ra_mode'>): boolean =>
  subnet.ipv6_address_mode === 'slaac' ||
  subnet.ipv6_address_mode === 'dhcpv6-stateless' ||
  subnet.ipv6_ra_mode === 'slaac' ||
  subnet.ipv6_ra_mode === 'dhcpv6-stateless';

/**
 * Gives a new port its addresses: those asked for, or one of each kind the network has. Throws `conflict` when there
 * are none left or one is taken, `badRequest` when one is not to be had on the network.
 */
export async function allocateAddresses(
  db: Db,
  port: Addressee,
  asked: readonly FixedIp[] | undefined,
): Promise<void> {
  const subnets = await subnetsOfNetwork(db, port.networkId);
  if (asked) await claimAsked(db, port, subnets, asked);
  else await claimDefault(db, port, subnets);
}

/**
 * Turns a port's addresses into those asked for; what it has already and may keep, it keeps. Throws as
 * {@link allocateAddresses} does.
 */
export async function changeAddresses(
  db: Db,
  port: Addressee,
  current: readonly Allocation[],
  asked: readonly FixedIp[],
): Promise<void> {
  const subnets = await subnetsOfNetwork(db, port.networkId);
  const { add, keep, drop } = difference(port, subnets, current, asked);
  await releaseAddresses(
    db,
    port.id,
    drop.map((ip) => ip.ip_address),
  );
  const handled = new Set([...keep, ...drop].map((ip) => ip.subnet_id));
  await claimAsked(db, port, subnets, add, handled);
}

interface Difference {
  readonly add: readonly FixedIp[];
  readonly keep: readonly Allocation[];
  readonly drop: readonly Allocation[];
}

function difference(
  port: Addressee,
  subnets: readonly Subnet[],
  current: readonly Allocation[],
  asked: readonly FixedIp[],
): Difference {
  const leaving = new Set(asked.filter((ip) => ip.delete_subnet).map((ip) => ip.subnet_id));
  const wanted = asked.filter((ip) => !leaving.has(ip.subnet_id));
  const add: FixedIp[] = [];
  const keep: Allocation[] = [];
  const left = new Map(current.map((ip) => [ip.ip_address, ip]));
  for (const ip of wanted.filter((w) => w.ip_address !== undefined)) {
    const same = left.get(ip.ip_address!);
    if (same) keep.push(same);
    else add.push(ip);
    left.delete(ip.ip_address!);
  }
  for (const ip of wanted.filter((w) => w.ip_address === undefined)) {
    const same = [...left.values()].find((l) => l.subnet_id === ip.subnet_id);
    if (same) keep.push(same);
    else add.push(ip);
    if (same) left.delete(same.ip_address);
  }
  // a host keeps the addresses it gives itself, until it is taken off their subnet
  const automatic = new Set(subnets.filter(isAutomatic).map((s) => s.id));
  const stays = (ip: Allocation) =>
    !isRouterPort(port.deviceOwner) && automatic.has(ip.subnet_id) && !leaving.has(ip.subnet_id);
  const rest = [...left.values()];
  return { add, keep: [...keep, ...rest.filter(stays)], drop: rest.filter((ip) => !stays(ip)) };
}

/** One address of an IPv4 subnet, one of an IPv6 subnet, and every automatic one. */
async function claimDefault(db: Db, port: Addressee, all: readonly Subnet[]): Promise<void> {
  const subnets = eligible(port, all);
  const given = subnets.filter((s) => !isAutomatic(s));
  for (const version of [4, 6]) {
    const candidates = given.filter((s) => s.ip_version === version);
    if (candidates.length > 0) await claimFirst(db, port, candidates);
  }
  await claimAutomatic(db, port, subnets);
}

/** Subnets for this kind of device: those reserved for it first, then those reserved for nobody. */
function eligible(port: Addressee, subnets: readonly Subnet[]): Subnet[] {
  const types = (subnet: Subnet) => fromJson<string[]>(subnet.service_types);
  // the service port serves every subnet
  if (port.deviceOwner === owners.service) return [...subnets];
  const reserved = subnets.filter((s) => types(s).includes(port.deviceOwner));
  const open = subnets.filter((s) => types(s).length === 0);
  if (subnets.length > 0 && reserved.length + open.length === 0)
    throw noServiceSubnet(port.networkId, port.deviceOwner);
  return [...reserved, ...open];
}

async function claimFirst(db: Db, port: Addressee, subnets: readonly Subnet[]): Promise<void> {
  for (const subnet of subnets) if (await claimFreeAddress(db, subnet, port.id)) return;
  throw noMoreAddresses(port.networkId);
}

async function claimAutomatic(
  db: Db,
  port: Addressee,
  subnets: readonly Subnet[],
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  if (isRouterPort(port.deviceOwner) || port.deviceOwner === owners.service) return;
  for (const subnet of subnets.filter((s) => isAutomatic(s) && !except.has(s.id))) {
    const address = eui64Address(cidrOf(subnet.cidr), port.mac);
    if (!(await claimAddress(db, subnet, port.id, address))) throw addressTaken(address, subnet.id);
  }
}

async function claimAsked(
  db: Db,
  port: Addressee,
  subnets: readonly Subnet[],
  asked: readonly FixedIp[],
  handled: ReadonlySet<string> = new Set(),
): Promise<void> {
  const taken = new Set(handled);
  for (const ip of asked) {
    const subnet = await subnetFor(db, port, subnets, ip);
    if (await claimOne(db, port, subnet, ip.ip_address)) taken.add(subnet.id);
  }
  await claimAutomatic(db, port, subnets, taken);
}

/** Takes one address on a subnet; false when it is left to {@link claimAutomatic}. */
async function claimOne(
  db: Db,
  port: Addressee,
  subnet: Subnet,
  address: string | undefined,
): Promise<boolean> {
  const automatic = isAutomatic(subnet) && !isRouterPort(port.deviceOwner);
  if (address === undefined) {
    if (automatic) return false;
    await claimFirst(db, port, [subnet]);
    return true;
  }
  if (automatic && eui64Address(cidrOf(subnet.cidr), port.mac) !== address)
    throw automaticSubnet(address, subnet.id);
  if (!(await claimAddress(db, subnet, port.id, address))) throw addressTaken(address, subnet.id);
  return true;
}

async function subnetFor(db: Db, port: Addressee, subnets: readonly Subnet[], ip: FixedIp): Promise<Subnet> {
  if (subnets.length === 0) throw invalidInput('IP allocation requires subnets for network');
  const { subnet_id: subnetId, ip_address: address } = ip;
  if (subnetId !== undefined) {
    const subnet = subnets.find((s) => s.id === subnetId);
    if (!subnet) {
      if ((await subnetsById(db, [subnetId])).length === 0) throw subnetNotFound(subnetId);
      throw invalidInput(
        `Failed to create port on network ${port.networkId}, because fixed_ips included invalid subnet ${subnetId}`,
      );
    }
    if (address !== undefined && !usable(subnet, address, port.deviceOwner)) throw notInSubnet(address);
    return subnet;
  }
  if (address === undefined) throw invalidInput('IP allocation requires subnet_id or ip_address');
  const subnet = subnets.find((s) => usable(s, address, port.deviceOwner));
  if (!subnet) throw notInNetwork(address);
  return subnet;
}

/**
 * Whether a port of this owner may ask for the address on the subnet: not that for broadcasts, and not the network's
 * own, except an IPv6 one for a router or nobody in particular. Follows `check_subnet_ip` of neutron/ipam/utils.py.
 */
export function usable(subnet: Pick<Subnet, 'cidr'>, text: string, owner: string): boolean {
  const cidr = cidrOf(subnet.cidr);
  const address = parseAddress(text) ?? addressOf(text);
  if (!inCidr(cidr, address)) return false;
  if (cidr.version === 6) return address.value !== cidr.start || owner === '' || isRouterPort(owner);
  // two addresses need none for broadcasts (RFC 3021)
  const broadcast = cidr.end - cidr.start > 1n ? cidr.end : undefined;
  return address.value !== cidr.start && address.value !== broadcast;
}
