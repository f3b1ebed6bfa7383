import { callControl } from '#contracts/agent.ts';
import type { MetadataAnswer, MetadataRequest } from '#contracts/metadata.ts';
import type { NetHost } from '#drivers/net/driver.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

const callTimeoutMs = 10_000;

/** Keeps metadata served in the networks control names for this host, and passes guests' requests to control. */
export class MetadataRelay {
  readonly #bus: Bus;
  readonly #host: string;
  readonly #net: NetHost;
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(parts: { bus: Bus; host: string; net: NetHost; log: Logger }) {
    this.#bus = parts.bus;
    this.#host = parts.host;
    this.#net = parts.net;
    this.#log = parts.log;
  }

  /** Asks which networks and makes it so. Asked while at it, it does so once more afterwards. Never throws. */
  refresh(): Promise<void> {
    this.#again = true;
    return (this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    }));
  }

  /** Waits until what was asked for is so. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        const args = { host: this.#host };
        const networks = await callControl(this.#bus, 'metadata.networks', args, {
          timeoutMs: callTimeoutMs,
        });
        await this.#net.serveMetadata(networks, (request) => this.#answer(request));
      } catch (error) {
        this.#log.warn({ err: error }, `metadata could not be refreshed: ${messageOf(error)}`);
      }
    }
  }

  async #answer(request: MetadataRequest): Promise<MetadataAnswer> {
    try {
      return await callControl(this.#bus, 'metadata.get', request, { timeoutMs: callTimeoutMs });
    } catch (error) {
      this.#log.warn({ err: error, network: request.networkId }, `metadata: ${messageOf(error)}`);
      return {
        status: 503,
        contentType: 'text/plain; charset=UTF-8',
        body: Buffer.from('Service Unavailable'),
      };
    }
  }
}
