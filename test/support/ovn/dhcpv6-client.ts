/**
 * The first half of a DHCPv6 exchange (RFC 8415) on `eth0`: asks with a Solicit or an Information-request and prints the
 * address and DNS server it is answered as JSON. Argument: `solicit` or `information`.
 */
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

const messageTypes = { solicit: 1, information: 11 };
const options = { clientId: 1, identityAssociation: 3, address: 5, requested: 6, dns: 23 };

const option = (code: number, value: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(code, 0);
  header.writeUInt16BE(value.length, 2);
  return Buffer.concat([header, value]);
};

/** Options by code, within a message or another option. */
function parse(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16BE(at + 2);
    found.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** The canonical form of the sixteen bytes at the start. */
function addressOf(bytes: Buffer | undefined): string | null {
  if (!bytes) return null;
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}

const what = process.argv[2] as keyof typeof messageTypes;
const request = Buffer.concat([
  Buffer.from([messageTypes[what], 0x12, 0x34, 0x56]),
  option(options.clientId, Buffer.from('000300010a0b0c0d0e0f', 'hex')),
  option(options.requested, Buffer.from([0, options.dns])),
  ...(what === 'solicit' ? [option(options.identityAssociation, Buffer.alloc(12, 1))] : []),
]);
const socket = createSocket('udp6');
socket.on('message', (message) => {
  const answered = parse(message.subarray(4));
  const association = parse((answered.get(options.identityAssociation) ?? Buffer.alloc(12)).subarray(12));
  const address = addressOf(association.get(options.address));
  const answer = JSON.stringify({ address, dns: addressOf(answered.get(options.dns)) });
  process.stdout.write(answer, () => process.exit());
});
await new Promise<void>((resolve) => socket.bind(546, resolve));
for (let tries = 0; tries < 8; tries++) {
  // fails until the device has its link-local address
  socket.send(request, 547, 'ff02::1:2%eth0', () => {});
  await sleep(500);
}
process.exit(1);
