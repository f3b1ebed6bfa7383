import { createConnection, type Socket } from 'node:net';

import type { QmpCommand, QmpCommands } from './commands.ts';
import { encodeCommand, type QmpAnswer, type QmpEvent, type QmpGreeting, QmpReader } from './messages.ts';

/** A command QEMU refused, in QEMU's own words. */
export class QmpError extends Error {
  /** `GenericError`, `DeviceNotFound`, `CommandNotFound` … */
  readonly class: string;

  constructor(command: string, error: { class: string; desc: string }) {
    super(`${command}: ${error.desc}`);
    this.name = 'QmpError';
    this.class = error.class;
  }
}

/** The connection to QEMU is gone, or QEMU does not answer. */
export class QmpLost extends Error {
  override name = 'QmpLost';
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
  command: string;
}

const greetingTimeoutMs = 5000;
const commandTimeoutMs = 30_000;

/** A QMP session over a unix socket. QEMU serves one at a time; it may be closed and opened again at will. */
export class QmpClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  /** Those who wait for an event, to be told when there will be none. */
  readonly #closers = new Set<() => void>();
  #greeting: QmpGreeting | undefined;
  #greeted: (() => void) | undefined;
  #lastId = 0;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new QmpReader();
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) this.#take(message);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#failAll('the connection to QEMU is gone');
        for (const closed of this.#closers) closed();
        resolve();
      });
    });
  }

  /** Connects to the socket at `path` and negotiates. Throws {@link QmpLost} when nobody greets in time. */
  static async connect(path: string): Promise<QmpClient> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(new QmpLost(`no QMP at ${path}: ${error.message}`)));
    });
    const client = new QmpClient(socket);
    try {
      await client.#untilGreeted();
      await client.execute('qmp_capabilities', undefined);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Version of the QEMU at the other end. */
  get version(): { readonly major: number; readonly minor: number; readonly micro: number } {
    return this.#greeting!.QMP.version.qemu;
  }

  /** Whether a command could be sent right now. */
  get open(): boolean {
    return !this.#socket.destroyed;
  }

  /** Carries out a command. Throws {@link QmpError} when QEMU refuses it, {@link QmpLost} when it does not answer. */
  execute<C extends QmpCommand>(
    command: C,
    args: QmpCommands[C]['args'],
    timeoutMs = commandTimeoutMs,
  ): Promise<QmpCommands[C]['result']> {
    const id = ++this.#lastId;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new QmpLost(`${command}: the connection to QEMU is gone`));
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new QmpLost(`${command}: QEMU did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer, command });
      this.#socket.write(encodeCommand(id, command, args));
    }) as Promise<QmpCommands[C]['result']>;
  }

  /** Hears every event from now on; the result stops hearing. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Waits for an event; undefined when it does not come in time or the connection goes first. Call it before the command
   * that causes the event.
   */
  waitFor(matches: (event: QmpEvent) => boolean, timeoutMs: number): Promise<QmpEvent | undefined> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve(undefined);
      const end = (event: QmpEvent | undefined) => {
        clearTimeout(timer);
        stop();
        this.#closers.delete(closed);
        resolve(event);
      };
      const closed = () => end(undefined);
      const timer = setTimeout(closed, timeoutMs);
      const stop = this.onEvent((event) => matches(event) && end(event));
      this.#closers.add(closed);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: QmpGreeting | QmpEvent | QmpAnswer): void {
    if ('event' in message) {
      for (const listener of this.#listeners) listener(message);
    } else if ('QMP' in message) {
      this.#greeting = message;
      this.#greeted?.();
    } else this.#settle(message);
  }

  #settle(answer: QmpAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.error) waiting.reject(new QmpError(waiting.command, answer.error));
    else waiting.resolve(answer.return);
  }

  #failAll(why: string): void {
    for (const { reject, timer, command } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new QmpLost(`${command}: ${why}`));
    }
    this.#waiting.clear();
  }

  #untilGreeted(): Promise<void> {
    if (this.#greeting) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new QmpLost('QEMU did not greet: another session holds its monitor')),
        greetingTimeoutMs,
      );
      this.#greeted = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.closed.then(() => {
        clearTimeout(timer);
        reject(new QmpLost('QEMU closed the connection'));
      });
    });
  }
}
