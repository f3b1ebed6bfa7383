import type { BenchCloud, Json } from './cloud.ts';
import { load, type Shot, until } from './load.ts';
import { makeNetwork } from './networks.ts';

/** What servers are made with, by id. */
interface Made {
  readonly network: string;
  readonly image: string;
  readonly ownImage: boolean;
  readonly flavor: string;
}

/** The servers of the benchmark's project. */
export class Servers {
  readonly #cloud: BenchCloud;
  readonly #base: string;
  readonly #made: Made;
  /** How long each call that creates a server took, in milliseconds. */
  readonly calls: number[] = [];

  private constructor(cloud: BenchCloud, made: Made) {
    this.#cloud = cloud;
    this.#base = cloud.url('compute');
    this.#made = made;
  }

  /** Makes the network, the flavor and, unless there is one to boot, an image of zeros. */
  static async prepare(cloud: BenchCloud, image?: string): Promise<Servers> {
    const flavor = { name: `bench-${process.pid}`, vcpus: 1, ram: 128, disk: 1 };
    return new Servers(cloud, {
      network: await makeNetwork(cloud, 'bench-servers', '10.201.0.0/18'),
      image: image ?? (await makeImage(cloud)),
      ownImage: image === undefined,
      flavor: (await cloud.call('POST', `${cloud.url('compute')}/flavors`, { flavor })).flavor.id,
    });
  }

  /** Makes a server and waits until it is ACTIVE; its id. */
  async create(name: string): Promise<string> {
    const begun = performance.now();
    const { server } = await this.#cloud.call('POST', `${this.#base}/servers`, this.#body(name));
    this.calls.push(performance.now() - begun);
    await until(`server ${name}`, async () => {
      const { status } = (await this.#cloud.call('GET', `${this.#base}/servers/${server.id}`)).server;
      if (status === 'ERROR') throw new Error(`server ${name} is in ERROR`);
      return status === 'ACTIVE';
    });
    return server.id;
  }

  /** Deletes a server and waits until it is gone. */
  async remove(id: string): Promise<void> {
    const url = `${this.#base}/servers/${id}`;
    await this.#cloud.call('DELETE', url);
    const { headers } = this.#cloud;
    await until(`server ${id} to go`, async () => (await fetch(url, { headers })).status === 404);
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
    const { flavor, image, network, ownImage } = this.#made;
    if (ownImage) await this.#cloud.call('DELETE', `${this.#cloud.url('image')}/v2/images/${image}`);
    await this.#cloud.call('DELETE', `${this.#base}/flavors/${flavor}`);
    await this.#cloud.call('DELETE', `${this.#cloud.url('network')}/v2.0/networks/${network}`);
  }

  #body(name: string): Json {
    const { image, flavor, network } = this.#made;
    return {
      server: {
        name: `bench-${name}`,
        imageRef: image,
        flavorRef: flavor,
        networks: [{ uuid: network }],
      },
    };
  }
}

async function makeImage(cloud: BenchCloud): Promise<string> {
  const images = `${cloud.url('image')}/v2/images`;
  const body = { name: 'bench', disk_format: 'raw', container_format: 'bare' };
  const { id } = await cloud.call('POST', images, body);
  await fetch(`${images}/${id}/file`, {
    method: 'PUT',
    headers: { ...cloud.headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(1 << 20),
  });
  return id;
}
