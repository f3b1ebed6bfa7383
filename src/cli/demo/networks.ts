import type { CloudClient, Json } from '../cloud/client.ts';
import type { DemoParts } from './parts.ts';

/** The external network `public`, and the administrator's own `private` behind a router. */
export async function makeNetworks({ client }: DemoParts): Promise<string> {
  const project_id = client.projectId;
  const external = await ensure(client, 'network', {
    name: 'public',
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'public',
    is_default: true,
  });
  await ensure(client, 'subnet', {
    name: 'public-subnet',
    network_id: external.id,
    ip_version: 4,
    cidr: '172.24.4.0/24',
    gateway_ip: '172.24.4.1',
    allocation_pools: [{ start: '172.24.4.2', end: '172.24.4.254' }],
    enable_dhcp: false,
  });
  // with these defaults a project's first server may ask for its own network: `--network auto`
  await ensure(client, 'subnetpool', {
    name: 'default',
    prefixes: ['10.128.0.0/9'],
    default_prefixlen: 26,
    shared: true,
    is_default: true,
  });
  const inner = await ensure(client, 'network', { name: 'private', project_id });
  const subnet = await ensure(client, 'subnet', {
    name: 'private-subnet',
    project_id,
    network_id: inner.id,
    ip_version: 4,
    cidr: '10.0.0.0/24',
  });
  const router = await ensure(client, 'router', {
    name: 'router1',
    project_id,
    external_gateway_info: { network_id: external.id },
  });
  const { ports } = await client.get('network', `/v2.0/ports?device_id=${router.id}&network_id=${inner.id}`);
  if (ports.length === 0)
    await client.put('network', `/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
  return 'public 172.24.4.0/24, private 10.0.0.0/24, router1 between them';
}

/** The object of this name, made when there is none. */
async function ensure(client: CloudClient, noun: string, body: NetworkBody): Promise<Json> {
  const owner = body.project_id ? `&project_id=${body.project_id}` : '';
  const found = (await client.get('network', `/v2.0/${noun}s?name=${body.name}${owner}`))[`${noun}s`];
  return found[0] ?? (await client.post('network', `/v2.0/${noun}s`, { [noun]: body }))[noun];
}

interface NetworkBody {
  readonly name: string;
  readonly project_id?: string;
  readonly [field: string]: unknown;
}
