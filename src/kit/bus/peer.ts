import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { unavailable } from '../errors/cloud-error.ts';
import { Answers } from './answers.ts';
import { type CallOptions, defaultTimeoutMs, type Handler, type Message } from './bus.ts';
import { type Envelope, errorFromWire, errorToWire } from './wire.ts';

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * What every networked bus does alike at its own end: outstanding calls, handlers by address, listeners by topic.
 * How an envelope reaches the other side is the transport's business.
 */
export class Peer {
  readonly handlers = new Map<string, { handlers: Readonly<Record<string, Handler>>; answers: Answers }>();
  readonly listeners = new Map<string, Set<(event: never) => void>>();
  readonly #waiting = new Map<string, Waiting>();

  /** Sends a call through `transmit` and waits for the answer, sending again after a lost connection. */
  async call<Result>(
    address: string,
    method: string,
    args: Message,
    options: CallOptions,
    transmit: (envelope: Envelope) => Promise<void> | void,
  ): Promise<Result> {
    const id = randomUUID();
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const answer = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(unavailable(`${address} did not answer ${method} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
    answer.catch(() => {});
    try {
      await transmit({
        kind: 'call',
        id,
        address,
        method,
        payload: args,
        ...(options.key !== undefined && { key: options.key }),
      });
    } catch (error) {
      this.settle({ kind: 'answer', id, error: errorToWire(error) });
    }
    return (await answer) as Result;
  }

  /** Hands an answer to whoever waits for it. Late answers are dropped. */
  settle(envelope: Envelope): void {
    const waiting = this.#waiting.get(envelope.id ?? '');
    if (!waiting) return;
    this.#waiting.delete(envelope.id!);
    clearTimeout(waiting.timer);
    if (envelope.error) waiting.reject(errorFromWire(envelope.error));
    else waiting.resolve(envelope.payload);
  }

  /** Carries out a call or cast addressed to this end; the result is the answer to send. */
  async carryOut(envelope: Envelope): Promise<Envelope> {
    const server = this.handlers.get(envelope.address ?? '');
    const handler = server?.handlers[envelope.method ?? ''];
    const id = envelope.id ?? '';
    if (!server)
      return { kind: 'answer', id, error: errorToWire(unavailable(`nobody answers at ${envelope.address}`)) };
    if (!handler)
      return {
        kind: 'answer',
        id,
        error: errorToWire(unavailable(`${envelope.address} does not know ${envelope.method}`)),
      };
    try {
      return {
        kind: 'answer',
        id,
        payload: await server.answers.once(envelope.key, async () => handler(envelope.payload as never)),
      };
    } catch (error) {
      return { kind: 'answer', id, error: errorToWire(error) };
    }
  }

  /** Tells the listeners of a topic. */
  hear(topic: string, event: unknown): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(event as never);
  }

  addHandlers(address: string, handlers: Readonly<Record<string, Handler>>): void {
    this.handlers.set(address, { handlers, answers: new Answers() });
  }

  /** Adds a listener; true when it is the topic's first. */
  addListener(topic: string, listener: (event: never) => void): boolean {
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners.add(listener));
    return listeners.size === 1;
  }

  /** Removes a listener; true when it was the topic's last. */
  removeListener(topic: string, listener: (event: never) => void): boolean {
    const listeners = this.listeners.get(topic);
    if (!listeners?.delete(listener) || listeners.size > 0) return false;
    this.listeners.delete(topic);
    return true;
  }

  /** Fails every outstanding call: the connection that would have brought the answers is gone. */
  failAll(message: string): void {
    for (const id of this.#waiting.keys())
      this.settle({ kind: 'answer', id, error: errorToWire(unavailable(message)) });
  }
}

/** Tries `connect` again and again, a little later each time up to two seconds, until it succeeds or `stopped` says so. */
export async function reconnect(connect: () => Promise<void>, stopped: () => boolean): Promise<void> {
  for (let wait = 50; !stopped(); wait = Math.min(wait * 2, 2000)) {
    try {
      await connect();
      return;
    } catch {
      await sleep(wait, undefined, { ref: false });
    }
  }
}
