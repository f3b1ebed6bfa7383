/**
 * How the processes of a cloud talk: calls with a deadline and an idempotency key, casts, and published events.
 * Nothing above this interface knows whether memory, a unix socket or RabbitMQ carries the message.
 */

/** Anything JSON holds, plus bytes at the top level of arguments and results (kept out of the JSON). */
export type Message = unknown;

/** How a call is made. */
export interface CallOptions {
  /** How long to wait for the answer, in milliseconds. Default 30 s. */
  timeoutMs?: number;
  /** Two calls with one key are carried out once: the second gets the first one's answer. */
  key?: string;
}

/** The server side of a call. Throwing a CloudError hands its kind and message to the caller. */
export type Handler = (args: never) => Message;

/** One end of the bus. */
export interface Bus {
  /**
   * Calls `method` at `address` (an agent's host name, or `control`) and waits for its answer. Throws `unavailable`
   * when nobody serves the address or the deadline passes, otherwise what the handler threw.
   */
  call<Result = unknown>(
    address: string,
    method: string,
    args: Message,
    options?: CallOptions,
  ): Promise<Result>;
  /** Sends without waiting. Delivered at most once: whoever needs certainty uses {@link call}. */
  cast(address: string, method: string, args: Message): Promise<void>;
  /** Tells every subscriber of `topic`. */
  publish(topic: string, event: Message): Promise<void>;
  /** Answers calls to `address`. The result stops answering. */
  serve(address: string, handlers: Readonly<Record<string, Handler>>): Promise<() => Promise<void>>;
  /** Hears events of `topic`. The result stops hearing. */
  subscribe(topic: string, listener: (event: never) => void): Promise<() => Promise<void>>;
  /** Whether a message could be sent right now. */
  readonly connected: boolean;
  close(): Promise<void>;
}

/** How long a call waits for its answer when it does not say. */
export const defaultTimeoutMs = 30_000;

/**
 * Topic of what the bus itself tells: `{ address }` of an end that went away. Only a bus that holds the connections
 * can tell; on others silence is the sign.
 */
export const goneTopic = 'bus.gone';
