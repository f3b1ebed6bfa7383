import type { Json } from '../cloud.ts';
import { makeNetwork } from '../networks.ts';
import type { Points } from '../service-points.ts';

const ports = 1000;

/** Ports made, listed, shown and deleted; networks with subnets. */
export const network: Points = async (cloud, bench) => {
  const base = `${cloud.url('network')}/v2.0`;
  const { headers } = cloud;
  const limits = Object.fromEntries(
    ['port', 'network', 'subnet', 'security_group'].map((noun) => [noun, -1]),
  );
  await cloud.call('PUT', `${base}/quotas/${cloud.projectId}`, { quota: limits });
  const net = await makeNetwork(cloud, 'bench-ports', '10.200.0.0/18');
  const list = { url: `${base}/ports`, headers };
  for (const c of [1, 8]) await bench.sustained(`network: ports list, few, c${c}`, list, c);
  const make = (n: number) => ({
    method: 'POST',
    url: `${base}/ports`,
    headers,
    body: JSON.stringify({ port: { network_id: net, name: `bench-${n}`, admin_state_up: true } }),
  });
  await bench.counted('network: port create, c1', make, 1, 30);
  await bench.counted('network: port create, c8', make, 8, ports - 30);
  for (const c of [1, 8]) await bench.sustained(`network: ports list, ${ports}, c${c}`, list, c);
  const made = ((await cloud.call('GET', `${base}/ports?network_id=${net}&fields=id`)) as Json).ports as {
    id: string;
  }[];
  await bench.sustained('network: port show, c8', { url: `${base}/ports/${made[0]!.id}`, headers }, 8);
  const remove = (n: number) => ({ method: 'DELETE', url: `${base}/ports/${made[n]!.id}`, headers });
  await bench.counted('network: port delete, c8', remove, 8, made.length);
  await cloud.call('DELETE', `${base}/networks/${net}`);
  const networks: string[] = [];
  await bench.repeated('network: network create, c1', 20, async (n) => {
    const { network: made } = await cloud.call('POST', `${base}/networks`, {
      network: { name: `bench-${n}` },
    });
    networks.push(made.id);
  });
  await bench.repeated('network: network and subnet', 20, async (n) => {
    networks.push(await makeNetwork(cloud, `bench-${n}`, `10.${n}.0.0/24`));
  });
  for (const id of networks) await cloud.call('DELETE', `${base}/networks/${id}`);
};
