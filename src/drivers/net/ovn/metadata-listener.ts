/**
 * The short-lived process of {@link openMetadataListener}: in a network namespace of its own it waits until its parent has
 * moved a device there, gives it its addresses, listens on port 80 and hands the socket to the parent.
 * Arguments: the device, then its CIDRs.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

import { execute, ip, silenceIpv6 } from './devices.ts';

const [device, ...cidrs] = process.argv.slice(2);
await silenceIpv6('all');
process.send!('ready');
await once(process, 'message');
await ip([
  'link set dev lo up',
  ...cidrs.map((cidr) => `address add ${cidr} dev ${device}`),
  `link set dev ${device} up`,
]);
// the switch's user-space datapath does not complete checksums the kernel has left to the hardware
await execute('ethtool', '-K', device!, 'tx', 'off');
const server = createServer();
server.listen({ port: 80, host: '0.0.0.0', backlog: 128 });
await once(server, 'listening');
// the socket lives on in the parent
process.send!('listening', server, {}, () => process.exit());
