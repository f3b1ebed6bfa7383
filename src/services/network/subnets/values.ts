import { canonicalAddress, cidrAround, parseAddress, parseCidr } from '../addressing/ip.ts';
import { invalidInput } from '../errors.ts';
import { addressProblem, listOf, shown, type ValueType } from '../resource/values.ts';

/** Values of subnets, as neutron_lib/api/validators checks them. */

/** An allocation pool: addresses from `start` to `end`, both inclusive, as canonical text. */
export interface Pool {
  readonly start: string;
  readonly end: string;
}

/** A route hosts learn by DHCP, also an extra route of a router: a CIDR without host bits, and an address. */
export interface Route {
  readonly destination: string;
  readonly nexthop: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keysProblem(value: unknown, keys: readonly string[]): string | undefined {
  if (!isObject(value))
    return `Invalid input. '${shown(value)}' must be a dictionary with keys: ${shown(keys)}`;
  const given = Object.keys(value);
  if (given.length === keys.length && keys.every((key) => key in value)) return undefined;
  return `Validation of dictionary's keys failed. Expected keys: ${shown(keys)} Provided keys: ${shown(given)}`;
}

/** `type:ip_pools`: objects of `start` and `end`; null is none. How they lie in the subnet is checked later. */
export const allocationPools: ValueType<readonly Pool[]> = {
  convert(value) {
    if (value === null) return [];
    if (!Array.isArray(value) || !value.every(isObject))
      throw invalidInput('Invalid data format for allocation pools');
    return value.map((pool) =>
      Object.fromEntries(
        Object.entries(pool).map(([k, v]) => [k, typeof v === 'string' ? canonicalAddress(v) : v]),
      ),
    );
  },
  problem(value) {
    for (const pool of value as Record<string, unknown>[]) {
      const problem =
        keysProblem(pool, ['start', 'end']) ?? addressProblem(pool.start) ?? addressProblem(pool.end);
      if (problem) return problem;
    }
    return undefined;
  },
};

/** Why a text is no destination of a route: it must be a network without host bits. */
export function routeCidrProblem(value: unknown): string | undefined {
  const cidr = typeof value === 'string' ? parseCidr(value) : undefined;
  if (!cidr || parseAddress((value as string).split('/')[0]!)?.value !== cidr.start)
    return `'${shown(value)}' is not a valid CIDR`;
  const loopback =
    cidr.version === 4
      ? cidrAround({ version: 4, value: cidr.start }, 8).start === 127n << 24n
      : cidr.start === 1n;
  return loopback ? `'${shown(value)}' is not a routable CIDR` : undefined;
}

/** `type:hostroutes`: objects of `destination` and `nexthop`, none twice; null is none. */
export const hostRoutes: ValueType<readonly Route[]> = {
  convert: (value) => (value === null ? [] : value),
  problem(value) {
    if (!Array.isArray(value)) return `Invalid data format for hostroute: '${shown(value)}'`;
    const seen = new Set<string>();
    for (const route of value as unknown[]) {
      const problem = keysProblem(route, ['destination', 'nexthop']);
      if (problem) return problem;
      const { destination, nexthop } = route as Record<string, unknown>;
      const bad = routeCidrProblem(destination) ?? addressProblem(nexthop);
      if (bad) return bad;
      const key = `${destination as string} ${nexthop as string}`;
      if (seen.has(key)) return `Duplicate hostroute '${shown(route)}'`;
      seen.add(key);
    }
    return undefined;
  },
};

/** `type:nameservers`: addresses of either version, none twice, kept as written; null is none. */
export const addressList: ValueType<readonly string[]> = {
  convert: (value) => (value === null ? [] : value),
  problem(value) {
    if (!Array.isArray(value)) return `Invalid data format for nameserver: '${shown(value)}'`;
    const seen = new Set<unknown>();
    for (const host of value as unknown[]) {
      const problem = addressProblem(host);
      if (problem) return `'${shown(host)}' is not a valid nameserver. ${problem}`;
      if (seen.has(host)) return `Duplicate nameserver '${shown(host)}'`;
      seen.add(host);
    }
    return undefined;
  },
};

const devicePrefixes = ['network:', 'compute:', 'baremetal:'];

/** Device owners a subnet is reserved for. */
export const serviceTypes: ValueType<readonly string[]> = {
  convert: listOf({}).convert!,
  problem(value) {
    if (!Array.isArray(value)) return `Subnet service types must be a list`;
    for (const type of value as unknown[]) {
      if (typeof type !== 'string') throw invalidInput(`Subnet service type ${shown(type)} is not a string`);
      if (!devicePrefixes.some((prefix) => type.startsWith(prefix)))
        throw invalidInput(`Subnet service type ${type} does not correspond to a valid device owner`);
    }
    return new Set(value).size === value.length
      ? undefined
      : `Duplicate items in the list: '${value.join(', ')}'`;
  },
};
