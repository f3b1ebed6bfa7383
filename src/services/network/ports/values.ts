import {
  canonicalAddress,
  cidrOf,
  formatCidr,
  inCidr,
  overlaps,
  parseAddress,
  parseCidr,
} from '../addressing/ip.ts';
import { badBody, invalidInput } from '../errors.ts';
import {
  addressProblem,
  canonicalMac,
  integer,
  isMac,
  shown,
  uuid,
  type ValueType,
} from '../resource/values.ts';

/** Values of ports, as neutron_lib/api/validators checks them. */

/** A fixed address as asked for: by subnet, by address or both. */
export interface FixedIp {
  readonly subnet_id?: string;
  readonly ip_address?: string;
  /** Takes the port off this subnet, automatic address and all. */
  readonly delete_subnet?: boolean;
}

/** An address, or network in CIDR form, that a port may send from besides its own. */
export interface AddressPair {
  readonly ip_address: string;
  /** Left out: the port's own. */
  readonly mac_address?: string;
}

/** An option DHCP answers with, by its name in dnsmasq; without a value it is taken away. */
export interface DhcpOption {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version: 4 | 6;
}

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Fixed addresses, as `validate_fixed_ips` has them: each address once. In filters `subnet_id=…` and `ip_address=…`
 * come as text and are left to the store.
 */
export const fixedIps: ValueType<readonly FixedIp[]> = {
  convert: (value) =>
    Array.isArray(value)
      ? value.map((ip: unknown) =>
          isObject(ip) && typeof ip.ip_address === 'string'
            ? { ...ip, ip_address: canonicalAddress(ip.ip_address) }
            : ip,
        )
      : value,
  problem(value) {
    if (!Array.isArray(value)) return `Invalid data format for fixed IP: '${shown(value)}'`;
    const seen = new Set<unknown>();
    for (const ip of value as unknown[]) {
      if (!isObject(ip)) return `Invalid data format for fixed IP: '${shown(ip)}'`;
      if ('ip_address' in ip) {
        if (seen.has(ip.ip_address)) return `Duplicate IP address '${shown(ip.ip_address)}'`;
        seen.add(ip.ip_address);
        const problem = addressProblem(ip.ip_address);
        if (problem) return problem;
      }
      const problem = 'subnet_id' in ip ? uuid.problem!(ip.subnet_id) : undefined;
      if (problem) return problem;
    }
    return undefined;
  },
};

/** neutron's max_allowed_address_pair. */
const mostPairs = 10;

/**
 * Allowed address pairs; null is none. Throws `HTTPBadRequest` and `InvalidInput` itself, as Neutron's validator
 * words them without naming the attribute.
 */
export const addressPairs: ValueType<readonly AddressPair[]> = {
  convert: (value) =>
    value === null
      ? []
      : Array.isArray(value)
        ? value.map((pair: unknown) =>
            isObject(pair) && 'mac_address' in pair
              ? { ...pair, mac_address: canonicalMac(pair.mac_address) }
              : pair,
          )
        : value,
  problem(value) {
    if (!Array.isArray(value)) throw badBody('Allowed address pairs must be a list.');
    if (value.length > mostPairs)
      throw badBody(`The number of allowed address pair exceeds the maximum ${mostPairs}.`);
    const seen = new Set<string>();
    for (const pair of value as Fields[]) {
      checkPair(pair);
      const key = `${String(pair.mac_address)} ${String(pair.ip_address)}`;
      if (seen.has(key)) {
        throw invalidInput(
          `Request contains duplicate address pair: mac_address ${shown(pair.mac_address ?? null)} ip_address ${shown(pair.ip_address)}`,
        );
      }
      seen.add(key);
    }
    return undefined;
  },
};

function checkPair(pair: unknown): void {
  if (!isObject(pair) || pair.ip_address === undefined)
    throw invalidInput('AllowedAddressPair must contain ip_address');
  const { ip_address: address, mac_address: mac, ...rest } = pair;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw badBody(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  if (mac !== undefined && !isMac(mac)) throw badBody(`'${shown(mac)}' is not a valid MAC address`);
  const problem =
    pairAddressProblem(address) ?? (mac === undefined ? undefined : groupMacProblem(mac as string));
  if (problem) throw badBody(problem);
}

const multicast = [cidrOf('224.0.0.0/4'), cidrOf('ff00::/8')];

/** Nobody is to speak for a group; everything of IPv4 is let through, as it has long been used. */
function pairAddressProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.includes('/')) {
    const address = typeof value === 'string' ? parseAddress(value) : undefined;
    if (!address) return addressProblem(value);
    return multicast.some((range) => inCidr(range, address))
      ? `IP ${shown(value)} is a multicast address, which is not supported.`
      : undefined;
  }
  const cidr = parseCidr(value);
  if (!cidr) return `'${value}' is not a valid IP subnet`;
  const group = multicast.find((range) => range.version === cidr.version && overlaps(range, cidr));
  return group && value !== '0.0.0.0/0'
    ? `Subnet ${value} overlaps with multicast range ${formatCidr(group)}, which is not supported.`
    : undefined;
}

const groupMacProblem = (mac: string): string | undefined =>
  Number.parseInt(mac.slice(0, 2), 16) & 1
    ? `MAC address ${mac} is a multicast address, which is not supported.`
    : undefined;

/** Options whose value may be blank. */
const blankOptions = new Set(['router', 'classless-static-route']);

/** Extra DHCP options; null, the default, is none. */
export const dhcpOptions: ValueType<readonly DhcpOption[] | null> = {
  convert: (value) =>
    Array.isArray(value)
      ? value.map((option: unknown) =>
          isObject(option) ? { ...option, ip_version: integer.convert!(option.ip_version ?? 4) } : option,
        )
      : value,
  problem(value) {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return `'${shown(value)}' is not a list`;
    for (const option of value as unknown[]) {
      if (!isObject(option) || !isOption(option))
        throw invalidInput(`No valid key specs matched for: ${shown(option)}`);
    }
    return undefined;
  },
};

function isOption(option: Fields): boolean {
  const { opt_name: name, opt_value: value, ip_version: version, ...rest } = option;
  if (Object.keys(rest).length > 0 || value === undefined) return false;
  if (version !== 4 && version !== 6) return false;
  if (!oneLine(name, 64)) return false;
  return (
    value === null ||
    (blankOptions.has(name as string)
      ? typeof value === 'string' && value.length <= 255
      : oneLine(value, 255))
  );
}

const oneLine = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value.trim() !== '' && value.length <= max && !/[\n\r]/.test(value.trim());

/**
 * What `binding:vnic_type` may be (neutron_lib/api/definitions/portbindings.py). Network only notes it and passes it
 * on.
 */
export const vnicTypes = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
] as const;

/** What whoever binds a port notes about it, any object; null empties it. */
export const profile: ValueType<Readonly<Record<string, unknown>> | null> = {
  problem: (value) =>
    value === null || isObject(value) ? undefined : `'${shown(value)}' is not a dictionary`,
};
