import { setTimeout as sleep } from 'node:timers/promises';

import { type Channel, type ChannelModel, connect, type ConsumeMessage } from 'amqplib';

import { unavailable } from '../errors/cloud-error.ts';
import type { Bus, CallOptions, Handler, Message } from './bus.ts';
import { Peer, reconnect } from './peer.ts';
import { decode, encode, type Envelope, errorToWire } from './wire.ts';

const eventsExchange = 'stratalith.events';
const queueOf = (address: string): string => `stratalith.call.${address}`;

/**
 * A bus over RabbitMQ: a transient queue per served address, a reply queue per process, a topic exchange for events.
 * What must survive is in the database, so no message needs to.
 */
export class AmqpBus implements Bus {
  readonly #peer = new Peer();
  readonly #url: string;
  #connection: ChannelModel | undefined;
  #channel: Channel | undefined;
  #replyQueue = '';
  #closed = false;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Connects to `url` (`amqp://user:password@host`), trying until the broker answers. */
  static async connect(url: string): Promise<AmqpBus> {
    const bus = new AmqpBus(url);
    await reconnect(
      () => bus.#open(),
      () => bus.#closed,
    );
    return bus;
  }

  get connected(): boolean {
    return this.#channel !== undefined;
  }

  call<Result>(address: string, method: string, args: Message, options: CallOptions = {}): Promise<Result> {
    return this.#peer.call<Result>(address, method, args, options, (envelope) => {
      const channel = this.#require();
      channel.sendToQueue(queueOf(address), frame(envelope), {
        replyTo: this.#replyQueue,
        correlationId: envelope.id!,
        mandatory: true,
        expiration: options.timeoutMs ?? 30_000,
      });
    });
  }

  async cast(address: string, method: string, args: Message): Promise<void> {
    this.#channel?.sendToQueue(queueOf(address), frame({ kind: 'cast', address, method, payload: args }));
  }

  async publish(topic: string, event: Message): Promise<void> {
    this.#channel?.publish(eventsExchange, topic, frame({ kind: 'event', address: topic, payload: event }));
  }

  async serve(address: string, handlers: Readonly<Record<string, Handler>>): Promise<() => Promise<void>> {
    this.#peer.addHandlers(address, handlers);
    await this.#consumeCalls(this.#require(), address);
    return async () => {
      this.#peer.handlers.delete(address);
      await this.#channel?.deleteQueue(queueOf(address));
    };
  }

  async subscribe(topic: string, listener: (event: never) => void): Promise<() => Promise<void>> {
    if (this.#peer.addListener(topic, listener))
      await this.#require().bindQueue(this.#replyQueue, eventsExchange, topic);
    return async () => {
      if (this.#peer.removeListener(topic, listener))
        await this.#channel?.unbindQueue(this.#replyQueue, eventsExchange, topic);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#peer.failAll('the bus is closed');
    if (this.#connection) await closeQuietly(this.#connection);
    // amqplib's socket closes a moment after its promise
    await sleep(0);
  }

  #require(): Channel {
    if (!this.#channel) throw unavailable('the bus is not connected');
    return this.#channel;
  }

  async #open(): Promise<void> {
    const connection = await connect(this.#url, { noDelay: true });
    connection.on('error', () => {});
    connection.on('close', () => this.#lost(connection));
    try {
      this.#channel = await this.#openChannel(connection);
      this.#connection = connection;
      if (this.#closed) throw unavailable('the bus is closed');
    } catch (error) {
      // its consumers would take calls that nobody answers
      await closeQuietly(connection);
      throw error;
    }
  }

  /** A channel on which all that is served is consumed. */
  async #openChannel(connection: ChannelModel): Promise<Channel> {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    // the broker closes it at whatever it refuses: with a new connection everything is as it should be
    channel.on('close', () => void closeQuietly(connection));
    await channel.assertExchange(eventsExchange, 'topic', { durable: false, autoDelete: true });
    const { queue } = await channel.assertQueue('', { exclusive: true, durable: false, autoDelete: true });
    this.#replyQueue = queue;
    await channel.consume(queue, (message) => this.#onReply(message), { noAck: true });
    channel.on('return', (message: ConsumeMessage) => {
      const id = String(message.properties.correlationId);
      this.#peer.settle({
        kind: 'answer',
        id,
        error: errorToWire(unavailable('nobody answers at that address')),
      });
    });
    for (const address of this.#peer.handlers.keys()) await this.#consumeCalls(channel, address);
    for (const topic of this.#peer.listeners.keys()) await channel.bindQueue(queue, eventsExchange, topic);
    return channel;
  }

  async #consumeCalls(channel: Channel, address: string): Promise<void> {
    const { queue } = await channel.assertQueue(queueOf(address), { durable: false, autoDelete: true });
    await channel.consume(queue, (message) => void this.#onCall(channel, message), { noAck: true });
  }

  async #onCall(channel: Channel, message: ConsumeMessage | null): Promise<void> {
    if (!message) return;
    const answer = await this.#peer.carryOut(decode(message.content));
    const replyTo: unknown = message.properties.replyTo;
    if (typeof replyTo === 'string' && this.#channel === channel) channel.sendToQueue(replyTo, frame(answer));
  }

  #onReply(message: ConsumeMessage | null): void {
    if (!message) return;
    const envelope = decode(message.content);
    if (envelope.kind === 'event') this.#peer.hear(envelope.address ?? '', envelope.payload);
    else this.#peer.settle(envelope);
  }

  #lost(connection: ChannelModel): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#channel = undefined;
    this.#peer.failAll('the connection to the broker was lost');
    if (!this.#closed)
      void reconnect(
        () => this.#open(),
        () => this.#closed,
      );
  }
}

/** The broker frames messages itself. */
const frame = (envelope: Envelope): Buffer => encode(envelope).subarray(4);

/** Closes a connection that may be closed, or closing, already. */
async function closeQuietly(connection: ChannelModel): Promise<void> {
  try {
    await connection.close();
  } catch {
    // then it is what it should be
  }
}
