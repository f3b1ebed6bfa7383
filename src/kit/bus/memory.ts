import { unavailable } from '../errors/cloud-error.ts';
import { Answers } from './answers.ts';
import {
  type Bus,
  type CallOptions,
  defaultTimeoutMs,
  goneTopic,
  type Handler,
  type Message,
} from './bus.ts';
import { decode, encode, errorFromWire, errorToWire } from './wire.ts';

/** A bus inside one process. Messages are encoded and decoded all the same, so that nothing passes here that would not elsewhere. */
export class MemoryBus implements Bus {
  readonly #servers = new Map<string, { handlers: Readonly<Record<string, Handler>>; answers: Answers }>();
  readonly #listeners = new Map<string, Set<(event: never) => void>>();
  #closed = false;

  get connected(): boolean {
    return !this.#closed;
  }

  async call<Result>(
    address: string,
    method: string,
    args: Message,
    options: CallOptions = {},
  ): Promise<Result> {
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(unavailable(`${address} did not answer ${method} within ${timeoutMs} ms`)),
        timeoutMs,
      );
    });
    try {
      return (await Promise.race([this.#deliver(address, method, args, options.key), late])) as Result;
    } finally {
      clearTimeout(timer);
    }
  }

  async cast(address: string, method: string, args: Message): Promise<void> {
    void this.#deliver(address, method, args, undefined).catch(() => {});
  }

  async publish(topic: string, event: Message): Promise<void> {
    const copy = travel(event);
    for (const listener of this.#listeners.get(topic) ?? []) queueMicrotask(() => listener(copy as never));
  }

  async serve(address: string, handlers: Readonly<Record<string, Handler>>): Promise<() => Promise<void>> {
    const server = { handlers, answers: new Answers() };
    this.#servers.set(address, server);
    return async () => {
      if (this.#servers.get(address) !== server) return;
      this.#servers.delete(address);
      await this.publish(goneTopic, { address });
    };
  }

  async subscribe(topic: string, listener: (event: never) => void): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return async () => {
      listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#servers.clear();
    this.#listeners.clear();
  }

  async #deliver(address: string, method: string, args: Message, key: string | undefined): Promise<unknown> {
    const server = this.#servers.get(address);
    if (!server || this.#closed) throw unavailable(`nobody answers at ${address}`);
    const handler = server.handlers[method];
    if (!handler) throw unavailable(`${address} does not know ${method}`);
    const given = travel(args);
    try {
      return travel(await server.answers.once(key, async () => handler(given as never)));
    } catch (error) {
      throw errorFromWire(errorToWire(error));
    }
  }
}

const travel = (payload: unknown): unknown => decode(encode({ kind: 'event', payload }).subarray(4)).payload;
