import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

import { isKind, unavailable } from '../errors/cloud-error.ts';
import { type Bus, type CallOptions, goneTopic, type Handler, type Message } from './bus.ts';
import { Peer, reconnect } from './peer.ts';
import { encode, type Envelope, errorToWire, FrameReader } from './wire.ts';

/**
 * The hub of a unix-socket bus: control runs it, agents connect. It serves and calls like any end, and passes
 * messages between the others.
 */
export class UnixBusHub implements Bus {
  readonly #peer = new Peer();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #addresses = new Map<string, Socket>();
  readonly #topics = new Map<string, Set<Socket>>();
  /** Calls handed to another end, by call id: who carries it out, and who asked (nobody: the hub itself). */
  readonly #passedOn = new Map<string, { from: Socket | undefined; to: Socket }>();
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on `path`; a socket left behind by a dead process is replaced. `mode` guards who may connect. */
  static async listen(path: string, mode = 0o600): Promise<UnixBusHub> {
    const hub = new UnixBusHub(path);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      hub.#server.once('error', reject);
      hub.#server.listen(path, resolve);
    });
    chmodSync(path, mode);
    return hub;
  }

  get connected(): boolean {
    return this.#server.listening;
  }

  call<Result>(address: string, method: string, args: Message, options: CallOptions = {}): Promise<Result> {
    return this.#peer.call<Result>(address, method, args, options, async (envelope) => {
      if (this.#peer.handlers.has(address)) return this.#peer.settle(await this.#peer.carryOut(envelope));
      const socket = this.#addresses.get(address);
      if (!socket) throw unavailable(`nobody answers at ${address}`);
      this.#passedOn.set(envelope.id!, { from: undefined, to: socket });
      socket.write(encode(envelope));
    });
  }

  async cast(address: string, method: string, args: Message): Promise<void> {
    const envelope: Envelope = { kind: 'cast', address, method, payload: args };
    if (this.#peer.handlers.has(address)) void this.#peer.carryOut(envelope);
    else this.#addresses.get(address)?.write(encode(envelope));
  }

  async publish(topic: string, event: Message): Promise<void> {
    this.#spread({ kind: 'event', address: topic, payload: event });
  }

  async serve(address: string, handlers: Readonly<Record<string, Handler>>): Promise<() => Promise<void>> {
    this.#peer.addHandlers(address, handlers);
    return async () => {
      if (this.#peer.handlers.delete(address)) this.#gone(address);
    };
  }

  async subscribe(topic: string, listener: (event: never) => void): Promise<() => Promise<void>> {
    this.#peer.addListener(topic, listener);
    return async () => {
      this.#peer.removeListener(topic, listener);
    };
  }

  async close(): Promise<void> {
    this.#peer.failAll('the bus is closed');
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.#path, { force: true });
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader();
    this.#sockets.add(socket);
    socket.on('data', (chunk) => {
      try {
        for (const envelope of reader.push(chunk)) this.#take(envelope, socket);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#drop(socket));
  }

  #take(envelope: Envelope, from: Socket): void {
    const address = envelope.address ?? '';
    switch (envelope.kind) {
      case 'serve':
        this.#addresses.set(address, from);
        from.write(encode({ kind: 'answer', id: envelope.id! }));
        break;
      case 'unserve':
        if (this.#addresses.get(address) === from) this.#gone(address);
        break;
      case 'subscribe':
        this.#topics.set(address, (this.#topics.get(address) ?? new Set()).add(from));
        from.write(encode({ kind: 'answer', id: envelope.id! }));
        break;
      case 'unsubscribe':
        this.#topics.get(address)?.delete(from);
        break;
      case 'event':
        this.#spread(envelope);
        break;
      case 'call':
      case 'cast':
        void this.#route(envelope, from);
        break;
      case 'answer': {
        const passed = this.#passedOn.get(envelope.id ?? '');
        this.#passedOn.delete(envelope.id ?? '');
        if (passed?.from) passed.from.write(encode(envelope));
        else this.#peer.settle(envelope);
        break;
      }
      default:
        break;
    }
  }

  async #route(envelope: Envelope, from: Socket): Promise<void> {
    const address = envelope.address ?? '';
    const other = this.#addresses.get(address);
    if (!this.#peer.handlers.has(address) && other) {
      if (envelope.kind === 'call') this.#passedOn.set(envelope.id!, { from, to: other });
      other.write(encode(envelope));
      return;
    }
    const answer = await this.#peer.carryOut(envelope);
    if (envelope.kind === 'call' && !from.destroyed) from.write(encode(answer));
  }

  #spread(envelope: Envelope): void {
    this.#peer.hear(envelope.address ?? '', envelope.payload);
    const frame = encode(envelope);
    for (const socket of this.#topics.get(envelope.address ?? '') ?? []) socket.write(frame);
  }

  /** A gone end answers nothing any more: whoever waits for it is told at once. */
  #drop(socket: Socket): void {
    this.#sockets.delete(socket);
    for (const [address, s] of this.#addresses) if (s === socket) this.#gone(address);
    for (const sockets of this.#topics.values()) sockets.delete(socket);
    for (const [id, passed] of this.#passedOn) {
      if (passed.to !== socket) continue;
      const lost: Envelope = {
        kind: 'answer',
        id,
        error: errorToWire(unavailable('the connection to the callee was lost')),
      };
      this.#passedOn.delete(id);
      if (passed.from) passed.from.write(encode(lost));
      else this.#peer.settle(lost);
    }
  }

  #gone(address: string): void {
    this.#addresses.delete(address);
    this.#spread({ kind: 'event', address: goneTopic, payload: { address } });
  }
}

/** An end of a unix-socket bus. It reconnects for as long as it is open and then serves and subscribes again. */
export class UnixBus implements Bus {
  readonly #peer = new Peer();
  readonly #path: string;
  #socket: Socket | undefined;
  #closed = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Connects to the hub at `path`, trying until it is there. */
  static async connect(path: string): Promise<UnixBus> {
    const bus = new UnixBus(path);
    await reconnect(
      () => bus.#open(),
      () => bus.#closed,
    );
    return bus;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  call<Result>(address: string, method: string, args: Message, options: CallOptions = {}): Promise<Result> {
    return this.#peer.call<Result>(address, method, args, options, (envelope) => this.#write(envelope));
  }

  async cast(address: string, method: string, args: Message): Promise<void> {
    this.#socket?.write(encode({ kind: 'cast', address, method, payload: args }));
  }

  async publish(topic: string, event: Message): Promise<void> {
    this.#socket?.write(encode({ kind: 'event', address: topic, payload: event }));
  }

  async serve(address: string, handlers: Readonly<Record<string, Handler>>): Promise<() => Promise<void>> {
    this.#peer.addHandlers(address, handlers);
    await this.#announce('serve', address);
    return async () => {
      this.#peer.handlers.delete(address);
      this.#socket?.write(encode({ kind: 'unserve', address }));
    };
  }

  async subscribe(topic: string, listener: (event: never) => void): Promise<() => Promise<void>> {
    if (this.#peer.addListener(topic, listener)) await this.#announce('subscribe', topic);
    return async () => {
      if (this.#peer.removeListener(topic, listener))
        this.#socket?.write(encode({ kind: 'unsubscribe', address: topic }));
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#socket?.destroy();
    this.#peer.failAll('the bus is closed');
  }

  #write(envelope: Envelope): void {
    if (!this.#socket) throw unavailable('the bus is not connected');
    this.#socket.write(encode(envelope));
  }

  /** Tells the hub; one that is away is told when it is back. */
  async #announce(kind: 'serve' | 'subscribe', address: string): Promise<void> {
    await this.#register(kind, address).catch((error: unknown) => {
      if (this.connected || !isKind(error, 'unavailable')) throw error;
    });
  }

  /** Tells the hub; resolves once it knows, so that a call made right after is routed here. */
  #register(kind: 'serve' | 'subscribe', address: string): Promise<unknown> {
    return this.#peer.call(address, kind, undefined, {}, (envelope) =>
      this.#write({ kind, id: envelope.id!, address }),
    );
  }

  async #open(): Promise<void> {
    const socket = createConnection(this.#path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const envelope of reader.push(chunk)) void this.#take(envelope, socket);
    });
    let isOpen = false;
    socket.on('error', () => {});
    socket.on('close', () => this.#lost(socket, isOpen));
    this.#socket = socket;
    try {
      for (const address of this.#peer.handlers.keys()) await this.#register('serve', address);
      for (const topic of this.#peer.listeners.keys()) await this.#register('subscribe', topic);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    isOpen = true;
  }

  /** One that was lost before it was open is tried again by whoever was opening it. */
  #lost(socket: Socket, wasOpen: boolean): void {
    if (this.#socket === socket) {
      this.#socket = undefined;
      this.#peer.failAll('the connection to the bus was lost');
    }
    if (wasOpen && !this.#closed)
      void reconnect(
        () => this.#open(),
        () => this.#closed,
      );
  }

  async #take(envelope: Envelope, socket: Socket): Promise<void> {
    if (envelope.kind === 'answer') this.#peer.settle(envelope);
    else if (envelope.kind === 'event') this.#peer.hear(envelope.address ?? '', envelope.payload);
    else if (envelope.kind === 'cast') await this.#peer.carryOut(envelope);
    else if (envelope.kind === 'call') {
      const answer = await this.#peer.carryOut(envelope);
      if (!socket.destroyed) socket.write(encode(answer));
    }
  }
}
