import type { BenchCloud, Json } from '../cloud.ts';
import { load, type Shot, until } from '../load.ts';
import type { Points } from '../service-points.ts';
import { makeNetwork } from './network.ts';

const burst = 50;
const many = 1000;

/** Lists of flavors and servers, and servers from the call to ACTIVE to gone. Deletes every server of its project. */
export const compute: Points = async (cloud, bench) => {
  const base = cloud.url('compute');
  const { headers } = cloud;
  const limits = { instances: -1, cores: -1, ram: -1, force: true };
  await cloud.call('PUT', `${base}/os-quota-sets/${cloud.projectId}`, { quota_set: limits });
  const servers = new Servers(cloud, await makeNetwork(cloud, 'bench-servers', '10.201.0.0/18'));
  await servers.prepare();
  const detail = { url: `${base}/servers/detail?limit=1000`, headers };
  const brief = { url: `${base}/servers?limit=1000`, headers };
  for (const c of [1, 8]) await bench.sustained(`compute: servers detail, none, c${c}`, detail, c);
  await bench.sustained('compute: flavors detail, c8', { url: `${base}/flavors/detail`, headers }, 8);

  await servers.one('warm-up');
  await servers.deleteAll(1);
  await bench.repeated('compute: create to ACTIVE, c1', 10, (n) => servers.one(`one-${n}`));
  await bench.repeated('compute: delete all of 10', 1, () => servers.deleteAll(8));
  await bench.repeated(`compute: ${burst} at once to ACTIVE`, 1, () => servers.fill(burst, burst));
  await bench.repeated(`compute: ${burst} at once to gone`, 1, () => servers.deleteAll(burst));

  for (const count of [100, many]) {
    await servers.fill(count, 8);
    for (const c of [1, 8]) await bench.sustained(`compute: servers detail, ${count}, c${c}`, detail, c);
    await bench.sustained(`compute: servers brief, ${count}, c8`, brief, 8);
  }
  const [first] = await servers.list();
  await bench.sustained('compute: server show, c8', { url: `${base}/servers/${first}`, headers }, 8);
  await servers.deleteAll(8);
  await servers.clear();
};

/** The servers of the benchmark's project. */
class Servers {
  readonly #cloud: BenchCloud;
  readonly #network: string;
  readonly #base: string;
  #image = '';
  #flavor = '';

  constructor(cloud: BenchCloud, network: string) {
    this.#cloud = cloud;
    this.#network = network;
    this.#base = cloud.url('compute');
  }

  /** Makes the image and the flavor. */
  async prepare(): Promise<void> {
    const images = `${this.#cloud.url('image')}/v2/images`;
    const body = { name: 'bench', disk_format: 'raw', container_format: 'bare' };
    this.#image = (await this.#cloud.call('POST', images, body)).id;
    await fetch(`${images}/${this.#image}/file`, {
      method: 'PUT',
      headers: { ...this.#cloud.headers, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(1 << 20),
    });
    const flavor = { name: `bench-${process.pid}`, vcpus: 1, ram: 64, disk: 1 };
    this.#flavor = (await this.#cloud.call('POST', `${this.#base}/flavors`, { flavor })).flavor.id;
  }

  /** Makes a server and waits until it is ACTIVE. */
  async one(name: string): Promise<void> {
    const { server } = await this.#cloud.call('POST', `${this.#base}/servers`, this.#body(name));
    await until(`server ${name}`, async () => {
      const { status } = (await this.#cloud.call('GET', `${this.#base}/servers/${server.id}`)).server;
      if (status === 'ERROR') throw new Error(`server ${name} is in ERROR`);
      return status === 'ACTIVE';
    });
  }

  /** Makes servers until there are `count`, all ACTIVE. */
  async fill(count: number, concurrency: number): Promise<void> {
    const present = (await this.list()).length;
    const make = (n: number): Shot => ({
      method: 'POST',
      url: `${this.#base}/servers`,
      headers: this.#cloud.headers,
      body: JSON.stringify(this.#body(`many-${present + n}`)),
    });
    const { failed } = await load(make, { concurrency, count: count - present });
    if (failed > 0) throw new Error(`${failed} servers were refused`);
    await until(`${count} servers`, async () => {
      if ((await this.list('&status=ERROR')).length > 0) throw new Error('a server is in ERROR');
      return (await this.list('&status=ACTIVE')).length >= count;
    });
  }

  /** Deletes every server and waits until they are gone. */
  async deleteAll(concurrency: number): Promise<void> {
    const ids = await this.list();
    const { headers } = this.#cloud;
    const remove = (n: number): Shot => ({
      method: 'DELETE',
      url: `${this.#base}/servers/${ids[n]}`,
      headers,
    });
    await load(remove, { concurrency, count: ids.length });
    await until('servers to go', async () => (await this.list()).length === 0);
  }

  async list(filter = ''): Promise<string[]> {
    const { servers } = await this.#cloud.call('GET', `${this.#base}/servers?limit=1000${filter}`);
    return (servers as Json[]).map(({ id }) => id);
  }

  async clear(): Promise<void> {
    await this.#cloud.call('DELETE', `${this.#base}/flavors/${this.#flavor}`);
    await this.#cloud.call('DELETE', `${this.#cloud.url('image')}/v2/images/${this.#image}`);
    await this.#cloud.call('DELETE', `${this.#cloud.url('network')}/v2.0/networks/${this.#network}`);
  }

  #body(name: string): Json {
    return {
      server: {
        name: `bench-${name}`,
        imageRef: this.#image,
        flavorRef: this.#flavor,
        networks: [{ uuid: this.#network }],
      },
    };
  }
}
