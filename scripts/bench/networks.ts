import type { BenchCloud } from './cloud.ts';

/** Makes a network with a subnet; its id. */
export async function makeNetwork(cloud: BenchCloud, name: string, cidr: string): Promise<string> {
  const base = `${cloud.url('network')}/v2.0`;
  const { network: made } = await cloud.call('POST', `${base}/networks`, { network: { name } });
  await cloud.call('POST', `${base}/subnets`, { subnet: { network_id: made.id, ip_version: 4, cidr, name } });
  return made.id;
}
