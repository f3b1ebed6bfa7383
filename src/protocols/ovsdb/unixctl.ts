import { JsonRpc } from './json-rpc.ts';

/**
 * Runs a command of an OVS or OVN daemon on its control socket, as `ovs-appctl` does, and answers what it prints.
 * Throws `unavailable` when the daemon does not answer, RpcError when it refuses.
 */
export async function unixctl(
  socket: string,
  command: string,
  args: readonly string[] = [],
): Promise<string> {
  const rpc = await JsonRpc.connect(`unix:${socket}`);
  try {
    return (await rpc.call(command, args)) as string;
  } finally {
    rpc.close();
  }
}
