import type { MetadataAnswer, MetadataNetwork, MetadataRequest } from '#contracts/metadata.ts';
import { notFound } from '#kit/errors/cloud-error.ts';

import type { MetadataHandler, NetHost } from '../driver.ts';
import type { SimFabric } from './fabric.ts';

/** The host half of the simulated network: a list of what is plugged. */
export class SimNetHost implements NetHost {
  readonly name = 'sim';
  readonly #fabric: SimFabric;
  readonly #host: string;
  #networks: readonly MetadataNetwork[] = [];
  #answer: MetadataHandler | undefined;

  constructor(fabric: SimFabric, host: string) {
    this.#fabric = fabric;
    this.#host = host;
    fabric.addHost(host);
  }

  async plug(port: { portId: string }): Promise<{ tap: string | null }> {
    this.#fabric.plug(this.#host, port.portId);
    return { tap: null };
  }

  async unplug(portId: string): Promise<void> {
    this.#fabric.unplug(this.#host, portId);
  }

  async plugged(): Promise<readonly string[]> {
    return this.#fabric.pluggedOn(this.#host);
  }

  async serveMetadata(networks: readonly MetadataNetwork[], answer: MetadataHandler): Promise<void> {
    this.#networks = networks;
    this.#answer = answer;
  }

  /** Asks for metadata as a guest in a network would. Throws `notFound` in a network nothing is served in. */
  async ask(request: MetadataRequest): Promise<MetadataAnswer> {
    const served = this.#networks.some((network) => network.networkId === request.networkId);
    if (!served || !this.#answer) throw notFound(`no metadata is served in network ${request.networkId}`);
    return this.#answer(request);
  }

  async orphans(known: { ports: readonly string[] }): Promise<string[]> {
    return (await this.plugged()).filter((id) => !known.ports.includes(id)).map((id) => `port ${id}`);
  }

  async removeOrphan(name: string): Promise<void> {
    const [kind, id] = name.split(' ');
    if (kind === 'port' && id) await this.unplug(id);
  }

  async close(): Promise<void> {
    this.#fabric.removeHost(this.#host);
  }
}
