import { randomBytes } from 'node:crypto';

import ipaddr from 'ipaddr.js';

/** IP arithmetic on BigInt: addresses, CIDRs and inclusive ranges of both versions. */

/** The IP version, as `ip_version` of subnets and pools has it. */
export type Version = 4 | 6;

/** An address as a number, with its version. */
export interface Address {
  readonly version: Version;
  readonly value: bigint;
}

/** Addresses `start` to `end`, both inclusive. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** A network: `start` is its network address, `end` its last one. */
export interface Cidr extends Range {
  readonly version: Version;
  readonly prefix: number;
}

/** Bits of an address. */
export const bitsOf = (version: Version): number => (version === 4 ? 32 : 128);

const ipv4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Reads an address; undefined for anything else, such as IPv4 with leading zeros or IPv6 with a zone. */
export function parseAddress(text: string): Address | undefined {
  const octets = ipv4.exec(text);
  if (octets) {
    let value = 0;
    for (let i = 1; i <= 4; i++) {
      const octet = Number(octets[i]);
      if (octet > 255) return undefined;
      value = value * 256 + octet;
    }
    return { version: 4, value: BigInt(value) };
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  let value = 0n;
  for (const part of ipaddr.IPv6.parse(text).parts) value = (value << 16n) | BigInt(part);
  return { version: 6, value };
}

/** Writes an address in canonical form: dotted IPv4, compressed lower-case IPv6. */
export function formatAddress(version: Version, value: bigint): string {
  if (version === 4) {
    const n = Number(value);
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
  }
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((value >> shift) & 0xffffn));
  return new ipaddr.IPv6(parts).toRFC5952String();
}

/** The canonical form of an address; anything else is handed back as it is. */
export function canonicalAddress(text: string): string {
  const address = parseAddress(text);
  return address ? formatAddress(address.version, address.value) : text;
}

/** Reads `address/prefix`, host bits allowed; the result is the network around the address. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const prefix = Number(text.slice(slash + 1));
  if (!address || prefix > bitsOf(address.version)) return undefined;
  return cidrAround(address, prefix);
}

/** The network of length `prefix` that holds `address`. */
export function cidrAround(address: Address, prefix: number): Cidr {
  const size = 1n << BigInt(bitsOf(address.version) - prefix);
  const start = address.value - (address.value % size);
  return { version: address.version, prefix, start, end: start + size - 1n };
}

/** Writes `address/prefix`, the address in canonical form. */
export const formatCidr = (cidr: Cidr): string => `${formatAddress(cidr.version, cidr.start)}/${cidr.prefix}`;

/** Reads what is known to be a CIDR, such as a stored one. Throws for anything else: that is a bug. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`not a CIDR: ${text}`);
  return cidr;
}

/** Reads what is known to be an address. Throws for anything else: that is a bug. */
export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  return address;
}

/** Whether an address is in a range. */
export const contains = (range: Range, value: bigint): boolean => value >= range.start && value <= range.end;
/** Whether two ranges have an address in common. */
export const overlaps = (a: Range, b: Range): boolean => a.start <= b.end && b.start <= a.end;
/** Whether all of one range is in another. */
export const within = (inner: Range, outer: Range): boolean =>
  inner.start >= outer.start && inner.end <= outer.end;
/** How many addresses a range has. */
export const sizeOf = (range: Range): bigint => range.end - range.start + 1n;

/** Whether the address text lies in the CIDR; false when versions differ. */
export function inCidr(cidr: Cidr, address: Address): boolean {
  return cidr.version === address.version && contains(cidr, address.value);
}

/**
 * A text that sorts as the address does, IPv4 before IPv6: what the database orders, counts and compares by, since
 * neither engine has 128-bit integers.
 */
export const addressKey = (version: Version, value: bigint): string =>
  `${version}${value.toString(16).padStart(version === 4 ? 8 : 32, '0')}`;

/** A random number from `range`, evenly. */
export function randomIn(range: Range): bigint {
  const size = sizeOf(range);
  const bytes = Math.ceil(size.toString(2).length / 8) + 8;
  // eight spare bytes make the bias of the remainder immeasurable
  return range.start + (BigInt(`0x${randomBytes(bytes).toString('hex')}`) % size);
}

/** The address a host with this MAC gives itself in an IPv6 /64 (RFC 4291, modified EUI-64). */
export function eui64Address(cidr: Cidr, mac: string): string {
  const m = BigInt(`0x${mac.replaceAll(':', '')}`);
  const host = ((m >> 24n) << 40n) | (0xfffen << 24n) | (m & 0xffffffn);
  return formatAddress(6, cidr.start | (host ^ (1n << 57n)));
}

/** What is left of `ranges` without `hole`. */
export function subtract(ranges: readonly Range[], hole: Range): Range[] {
  return ranges.flatMap((range) => {
    if (!overlaps(range, hole)) return [range];
    const left = { start: range.start, end: hole.start - 1n };
    const right = { start: hole.end + 1n, end: range.end };
    return [left, right].filter((r) => r.start <= r.end);
  });
}

/** Ranges in order, those that touch or overlap made one. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: { start: bigint; end: bigint }[] = [];
  for (const range of ranges.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = merged.at(-1);
    if (last && range.start <= last.end + 1n) last.end = range.end > last.end ? range.end : last.end;
    else merged.push({ start: range.start, end: range.end });
  }
  return merged;
}

/** The fewest CIDRs that make up a range. */
export function toCidrs(version: Version, range: Range): Cidr[] {
  const cidrs: Cidr[] = [];
  const bits = bitsOf(version);
  let start = range.start;
  while (start <= range.end) {
    let size = bits;
    // the largest block that starts here and does not reach past the end
    while (size > 0) {
      const span = 1n << BigInt(bits - size + 1);
      if (start % span !== 0n || start + span - 1n > range.end) break;
      size--;
    }
    const cidr = cidrAround({ version, value: start }, size);
    cidrs.push(cidr);
    start = cidr.end + 1n;
  }
  return cidrs;
}
