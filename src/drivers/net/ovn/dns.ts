import ipaddr from 'ipaddr.js';

import type { WantedPort } from '../driver.ts';
import { owned, portNamesUuid } from './names.ts';
import type { NorthboundChange } from './northbound.ts';

/**
 * Makes the port's names known to its network. OVN answers questions for them itself, whichever server a guest asks;
 * what it does not know passes on to that server.
 */
export function putPortNames(change: NorthboundChange, port: WantedPort): void {
  const uuid = portNamesUuid(port.id);
  if (port.names.length === 0 || port.addresses.length === 0) {
    if (change.row('DNS', uuid)) removePortNames(change, port.id);
    return;
  }
  change.put('DNS', uuid, {
    records: recordsOf(port),
    external_ids: { [owned.port]: port.id, [owned.network]: port.networkId },
  });
  change.include('Logical_Switch', port.networkId, 'dns_records', uuid);
}

/** Networks forget names that are gone. */
export function removePortNames(change: NorthboundChange, portId: string): void {
  change.delete('DNS', portNamesUuid(portId));
}

function recordsOf({ names, addresses }: WantedPort): Record<string, string> {
  const all = addresses.map(({ address }) => address);
  return Object.fromEntries([
    ...names.map((name) => [name, all.join(' ')]),
    ...all.map((address) => [reverseName(address), names.at(-1)]),
  ]);
}

/** The name under which an address is looked up (RFC 1035, RFC 3596). */
function reverseName(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray().toReversed();
  if (bytes.length === 4) return `${bytes.join('.')}.in-addr.arpa`;
  const digits = bytes.flatMap((byte) => [byte & 15, byte >> 4].map((digit) => digit.toString(16)));
  return `${digits.join('.')}.ip6.arpa`;
}
