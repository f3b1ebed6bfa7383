import { isIP } from 'node:net';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { repr } from '#kit/http/validation.ts';

import type { Permission } from './view.ts';

/** What a caller wrote of a rule. */
export interface WrittenRule {
  readonly group_id?: string | null;
  readonly to_port?: unknown;
  readonly from_port?: unknown;
  readonly ip_protocol?: unknown;
  readonly cidr?: unknown;
}

/** Protocol and ports of a rule, or none of them. */
type Traffic = Pick<Permission, 'protocol' | 'fromPort' | 'toPort'>;

const anything: Traffic = { protocol: null, fromPort: null, toPort: null };

/**
 * Reads a rule as nova/network/security_group_api.py does. A rule for the members of a group may leave its ports out, one
 * for addresses not. Throws `badRequest`.
 */
export function readRule(rule: WrittenRule): Permission {
  const groupId = rule.group_id ?? null;
  const cidr = groupId === null ? readCidr(rule.cidr) : '0.0.0.0/0';
  const traffic = readTraffic(groupId === null ? rule : withAllPorts(rule));
  if (traffic === anything && groupId === null)
    throw badRequest('Not enough parameters to build a valid rule.');
  if (groupId === null) refuseEmptyPrefix(cidr);
  return { ...traffic, groupId, cidr };
}

/** Whether `existing` lets in just what `wanted` does. Nova never takes two rules for a group's members for the same. */
export const samePermission = (existing: Permission, wanted: Permission): boolean =>
  wanted.groupId === null &&
  existing.groupId === null &&
  existing.cidr === wanted.cidr &&
  existing.protocol === wanted.protocol &&
  existing.fromPort === wanted.fromPort &&
  existing.toPort === wanted.toPort;

/** The rule as Network takes it. */
export const networkRule = (groupId: string, permission: Permission) => ({
  direction: 'ingress',
  security_group_id: groupId,
  protocol: permission.protocol,
  ethertype: permission.groupId === null && permission.cidr.includes(':') ? 'IPv6' : 'IPv4',
  remote_group_id: permission.groupId,
  remote_ip_prefix: permission.groupId === null ? permission.cidr : null,
  ...(isPort(permission.fromPort) && { port_range_min: permission.fromPort }),
  ...(isPort(permission.toPort) && { port_range_max: permission.toPort }),
});

const isPort = (port: number | null): boolean => port !== null && port !== -1;

function withAllPorts(rule: WrittenRule): WrittenRule {
  if (isGiven(rule.from_port) || isGiven(rule.to_port)) return rule;
  switch (protocolOf(rule)) {
    case 'ICMP':
      return { ...rule, from_port: -1, to_port: -1 };
    case 'TCP':
    case 'UDP':
      return { ...rule, from_port: 1, to_port: 65_535 };
    default:
      return rule;
  }
}

/** A value as Python writes it into a message. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : repr(value));

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
const protocolOf = (rule: WrittenRule): string => textOf(rule.ip_protocol ?? '').toUpperCase();

function readTraffic(rule: WrittenRule): Traffic {
  if (!rule.ip_protocol || !isGiven(rule.from_port) || !isGiven(rule.to_port)) return anything;
  const protocol = textOf(rule.ip_protocol);
  const fromPort = readInteger(rule.from_port);
  const toPort = readInteger(rule.to_port);
  const icmp = protocolOf(rule) === 'ICMP';
  if (fromPort === undefined || toPort === undefined) {
    const whose = icmp
      ? 'Type and Code must be integers for ICMP protocol type'
      : 'To and From ports must be integers';
    throw badRequest(`Invalid input received: ${whose}`);
  }
  if (!['TCP', 'UDP', 'ICMP'].includes(protocolOf(rule)))
    throw badRequest(`Invalid IP protocol ${protocol}.`);
  const problem = icmp ? icmpProblem(fromPort, toPort) : portProblem(protocolOf(rule), fromPort, toPort);
  if (problem) throw badRequest(`Invalid port range ${fromPort}:${toPort}. ${problem}`);
  return { protocol, fromPort, toPort };
}

/** A whole number as Python's `int` reads it. */
function readInteger(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return Math.trunc(Number(value));
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : undefined;
}

function portProblem(protocol: string, from: number, to: number): string | undefined {
  if (from > to) return 'Former value cannot be greater than the later';
  return from < 1 || to > 65_535 ? `Valid ${protocol} ports should be between 1-65535` : undefined;
}

const icmpProblem = (type: number, code: number): string | undefined =>
  [type, code].some((n) => n < -1 || n > 255) ? 'For ICMP, the type:code must be valid' : undefined;

/** Reads a range of addresses; everything when none is given. Throws `badRequest`. */
function readCidr(value: unknown): string {
  if (value === undefined || value === null || value === '') return '0.0.0.0/0';
  const cidr = unquoted(textOf(value));
  const [address, length, ...more] = cidr.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address!)]!;
  if (more.length > 0 || !/^\d+$/.test(length ?? '') || Number(length) > bits)
    throw badRequest(`${cidr} is not a valid IP network.`);
  return cidr;
}

function unquoted(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuseEmptyPrefix(cidr: string): void {
  const [network, length] = cidr.split('/');
  if (length === '0' && network !== '0.0.0.0' && network !== '::')
    throw badRequest(`Bad prefix for network in cidr ${cidr}`);
}
