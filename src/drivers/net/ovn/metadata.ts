import { createServer, type Server } from 'node:http';
import type { Server as Listener } from 'node:net';

import type { MetadataNetwork } from '#contracts/metadata.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import type { MetadataHandler } from '../driver.ts';
import { removeDevice } from './devices.ts';
import { metadataDevice, openMetadataListener } from './metadata-namespace.ts';
import { answerMetadata, metadataLimits, refuseUnparsed } from './metadata-requests.ts';
import { metadataOwner } from './names.ts';
import type { VswitchPorts } from './vswitch-ports.ts';

interface Serving {
  readonly network: MetadataNetwork;
  readonly server: Server;
}

/** Metadata servers of this host, one per network, all in this process. */
export class MetadataServers {
  readonly #ports: VswitchPorts;
  readonly #log: Logger;
  readonly #serving = new Map<string, Serving>();
  #answer: MetadataHandler | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(ports: VswitchPorts, log: Logger) {
    this.#ports = ports;
    this.#log = log;
  }

  /** Serves these networks and no other. Throws the first problem, after having tried them all. */
  serve(networks: readonly MetadataNetwork[], answer: MetadataHandler): Promise<void> {
    this.#answer = answer;
    return this.#next(() => this.#converge(networks));
  }

  /** Stops serving a network, also one that an earlier process served. Tolerates absence. */
  remove(networkId: string): Promise<void> {
    return this.#next(() => this.#remove(networkId));
  }

  /** Stops serving; what the switch knows of it stays for whoever comes next. */
  close(): Promise<void> {
    return this.#next(async () => {
      for (const { server } of this.#serving.values()) stop(server);
      this.#serving.clear();
    });
  }

  /** One after the other: two calls must not make the same network's devices at once. */
  #next(work: () => Promise<void>): Promise<void> {
    const mine = this.#work.then(work);
    this.#work = mine.catch(() => {});
    return mine;
  }

  async #converge(networks: readonly MetadataNetwork[]): Promise<void> {
    const wanted = new Map(networks.map((network) => [network.networkId, network]));
    const there = new Set([...this.#serving.keys(), ...(await this.#inSwitch()).keys()]);
    const problems: unknown[] = [];
    const attempt = (work: Promise<void>) => work.catch((error: unknown) => void problems.push(error));
    for (const id of there) if (!wanted.has(id)) await attempt(this.#remove(id));
    await Promise.all([...wanted.values()].map((network) => attempt(this.#ensure(network))));
    if (problems.length > 0) throw problems[0];
  }

  async #ensure(network: MetadataNetwork): Promise<void> {
    const serving = this.#serving.get(network.networkId);
    if (serving && !same(serving.network, network)) await this.#remove(network.networkId);
    if (!this.#serving.has(network.networkId)) {
      // a process before us may have left the port of a device that is gone
      await this.#ports.remove(network.portId);
      const server = this.#server(network.networkId, await openMetadataListener(network));
      this.#serving.set(network.networkId, { network, server });
    }
    await this.#ports.add({
      id: network.portId,
      device: metadataDevice(network.networkId),
      mac: network.mac,
      owner: [metadataOwner, network.networkId],
    });
  }

  async #remove(networkId: string): Promise<void> {
    const serving = this.#serving.get(networkId);
    const port = serving?.network.portId ?? (await this.#inSwitch()).get(networkId);
    if (port) await this.#ports.remove(port);
    if (serving) stop(serving.server);
    this.#serving.delete(networkId);
    await removeDevice(metadataDevice(networkId));
  }

  /** Networks the switch has a metadata port for, with that port. */
  async #inSwitch(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const { ids } of await this.#ports.interfaces())
      if (ids[metadataOwner] && ids['iface-id']) found.set(ids[metadataOwner], ids['iface-id']);
    return found;
  }

  #server(networkId: string, listener: Listener): Server {
    const server = createServer(metadataLimits, (request, reply) => {
      const answered = answerMetadata(networkId, request, reply, this.#answer!);
      answered.catch((error: unknown) => {
        this.#log.warn({ err: error, network: networkId }, `metadata: ${messageOf(error)}`);
        reply.destroy();
      });
    });
    server.on('clientError', refuseUnparsed);
    server.maxConnections = metadataLimits.maxConnections;
    return server.listen(listener);
  }
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const same = (a: MetadataNetwork, b: MetadataNetwork): boolean => JSON.stringify(a) === JSON.stringify(b);
