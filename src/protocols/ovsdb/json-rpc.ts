import { createConnection, type Socket } from 'node:net';

import { unavailable } from '#kit/errors/cloud-error.ts';

import { JsonSplitter } from './json-splitter.ts';

/** What the server says by itself: a notification. */
export type Notification = (method: string, params: readonly unknown[]) => void;

/** The error member of a JSON-RPC answer. */
export class RpcError extends Error {
  readonly answer: unknown;

  constructor(method: string, answer: unknown) {
    super(`${method}: ${typeof answer === 'string' ? answer : JSON.stringify(answer)}`);
    this.name = 'RpcError';
    this.answer = answer;
  }
}

interface Waiting {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

const lost = 'the connection was lost';
/** An answer that takes longer means that the server hangs. */
const answerWithinMs = 15_000;

/**
 * A JSON-RPC 1.0 connection as OVSDB servers and OVS daemons' control sockets speak it. Calls are pipelined. The
 * server's echo requests are answered; a server that says nothing is asked, and given up when it stays silent.
 */
export class JsonRpc {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #notification: Notification;
  #nextId = 0;

  private constructor(socket: Socket, notification: Notification, onClose: () => void) {
    this.#socket = socket;
    this.#notification = notification;
    const splitter = new JsonSplitter();
    socket.on('data', (chunk) => {
      for (const text of splitter.push(chunk)) {
        const message = parsed(text);
        // whoever speaks something else is of no use
        if (!message) return void socket.destroy();
        this.#take(message);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#failAll();
      onClose();
    });
  }

  /**
   * Connects to `unix:/path` or `tcp:host:port`. Throws `unavailable` when nobody listens there.
   * `silenceMs` is how long the server may say nothing before it is asked whether it lives.
   */
  static async connect(
    remote: string,
    handlers: { notification?: Notification; closed?: () => void } = {},
    silenceMs = 30_000,
  ): Promise<JsonRpc> {
    const socket = createConnection(addressOf(remote));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) => reject(unavailable(`${remote} does not answer`, undefined, cause)));
    });
    const rpc = new JsonRpc(socket, handlers.notification ?? (() => {}), handlers.closed ?? (() => {}));
    socket.setTimeout(silenceMs, () => void rpc.#askForLife());
    return rpc;
  }

  /** Throws `unavailable` when the connection breaks or no answer comes, {@link RpcError} when the answer is an error. */
  call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(unavailable(lost));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.close(), answerWithinMs);
      this.#waiting.set(id, { method, resolve, reject, timer });
      this.#socket.write(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: Message): void {
    if (message.method === 'echo') this.#answerEcho(message);
    else if (message.method !== undefined) this.#notification(message.method, message.params ?? []);
    else this.#settle(message);
  }

  #answerEcho(message: Message): void {
    this.#socket.write(JSON.stringify({ id: message.id, result: message.params ?? [], error: null }));
  }

  #settle(message: Message): void {
    const waiting = this.#waiting.get(message.id as number);
    if (!waiting) return;
    this.#waiting.delete(message.id as number);
    clearTimeout(waiting.timer);
    if (message.error === null || message.error === undefined) waiting.resolve(message.result);
    else waiting.reject(new RpcError(waiting.method, message.error));
  }

  async #askForLife(): Promise<void> {
    await this.call('echo', []).catch(() => {});
  }

  #failAll(): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(unavailable(lost));
    }
    this.#waiting.clear();
  }
}

function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

function addressOf(remote: string): { path: string } | { host: string; port: number } {
  const [, kind, rest] = /^(unix|tcp):(.+)$/.exec(remote) ?? [];
  if (kind === 'unix') return { path: rest! };
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(rest ?? '') ?? [];
  if (!host) throw new Error(`not an OVSDB remote: ${remote}`);
  return { host, port: Number(port) };
}
