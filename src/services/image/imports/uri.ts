import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/** Where `web-download` may go. */
export interface UriFilter {
  readonly allowedPorts: readonly string[];
  /** Hosts that may be in this machine's own or a private network. */
  readonly allowedHosts: readonly string[];
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The URL, if it may be fetched as far as it shows by itself; where its host's name leads is seen later. */
export function filterUri(text: unknown, filter: UriFilter): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const standard = defaultPorts[url.protocol];
  if (standard === undefined || url.hostname === '') return undefined;
  if (!filter.allowedPorts.includes(url.port || standard)) return undefined;
  const host = hostOf(url);
  if (isIP(host) !== 0 && !mayConnect(host, host, filter)) return undefined;
  return url;
}

/** The host of a URL, an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/**
 * Whether a host may be connected to at an address its name leads to. Anything but an address of the internet is refused: it
 * would let callers reach what only this machine can.
 */
export function mayConnect(host: string, address: string, { allowedHosts }: UriFilter): boolean {
  if (allowedHosts.includes(host) || allowedHosts.includes(address)) return true;
  // an IPv4 address written as an IPv6 one is what it stands for
  return ipaddr.process(address).range() === 'unicast';
}
