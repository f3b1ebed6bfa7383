import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { MetadataNetwork } from '#contracts/metadata.ts';

import { aliasOf, ip, removeDevice, silenceIpv6 } from './devices.ts';

const metadataAddress = '169.254.169.254/32';
const helper = fileURLToPath(new URL('metadata-listener.ts', import.meta.url));
const openWithinMs = 20_000;

/** The end of a network's metadata cable that is plugged into the switch. */
export const metadataDevice = (networkId: string): string => `mdp${networkId.slice(0, 11)}`;
/** The other end, on its way into the namespace. */
const innerDevice = (networkId: string): string => `mdq${networkId.slice(0, 11)}`;

/**
 * Opens a listening socket on port 80 inside a network: a network namespace that holds nothing but the end of a cable
 * with the metadata address and the service port's own. A short-lived process makes the namespace, listens in it and
 * hands the socket over; from then on the socket alone keeps the namespace, so that whatever ends this process takes
 * namespace and cable along and nothing is left to clean up.
 */
export async function openMetadataListener(network: MetadataNetwork): Promise<Server> {
  const [outer, inner] = [metadataDevice(network.networkId), innerDevice(network.networkId)];
  await removeDevice(outer);
  await ip([
    `link add name ${outer} mtu ${network.mtu} type veth peer name ${inner} mtu ${network.mtu} address ${network.mac}`,
    `link set dev ${outer} addrgenmode none alias ${aliasOf('metadata', network.networkId)}`,
  ]);
  await silenceIpv6(outer);
  const child = startHelper(inner, [metadataAddress, ...network.cidrs.filter((cidr) => !cidr.includes(':'))]);
  const timer = setTimeout(() => child.kill('SIGKILL'), openWithinMs);
  try {
    await message(child, 'ready');
    await ip([`link set dev ${inner} netns ${child.pid}`, `link set dev ${outer} up`]);
    child.send('moved');
    return (await message(child, 'listening')) as Server;
  } catch (error) {
    await removeDevice(outer);
    throw error;
  } finally {
    clearTimeout(timer);
    if (child.connected) child.disconnect();
  }
}

/** The helper starts in a new network namespace, which is its own. */
function startHelper(device: string, cidrs: readonly string[]): ChildProcess {
  return spawn(
    '/usr/bin/unshare',
    ['--net', process.execPath, '--disable-warning=ExperimentalWarning', helper, device, ...cidrs],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH },
    },
  );
}

/** Waits for the helper to say `word`; answers the handle that comes with it. Throws when it ends before. */
async function message(child: ChildProcess, word: string): Promise<unknown> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the metadata listener ended: ${signal ?? `exit ${code}`}`);
  });
  const [said, handle] = (await Promise.race([once(child, 'message'), ended])) as [unknown, unknown];
  ended.catch(() => {});
  if (said !== word) throw new Error(`the metadata listener said ${JSON.stringify(said)} instead of ${word}`);
  return handle;
}
