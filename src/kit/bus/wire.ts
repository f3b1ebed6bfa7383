import { isDatabaseFull } from '../db/errors.ts';
import { CloudError, type ErrorDetails, type ErrorKind, messageOf } from '../errors/cloud-error.ts';

/**
 * A frame is `u32 total, u32 json length, JSON, bytes`, big-endian. A `Uint8Array` at the top level of the payload
 * travels in the byte part; the JSON says under which name.
 */
export interface Envelope {
  kind:
    | 'call'
    | 'cast'
    | 'answer'
    | 'event'
    | 'serve'
    | 'unserve'
    | 'subscribe'
    | 'unsubscribe'
    | 'ping'
    | 'pong';
  id?: string;
  address?: string;
  method?: string;
  key?: string;
  payload?: unknown;
  error?: { kind: ErrorKind; message: string; details: ErrorDetails };
}

const maxFrame = 64 << 20;

/** One frame of an envelope, ready to be written. */
export function encode(envelope: Envelope): Buffer {
  const { payload, bytes, name } = split(envelope.payload);
  const json = Buffer.from(
    JSON.stringify({ ...envelope, payload, ...(name !== undefined && { bytes: name }) }),
  );
  const frame = Buffer.allocUnsafe(8 + json.length + bytes.length);
  frame.writeUInt32BE(4 + json.length + bytes.length, 0);
  frame.writeUInt32BE(json.length, 4);
  json.copy(frame, 8);
  frame.set(bytes, 8 + json.length);
  return frame;
}

/** Reads the body of a frame (without its total length). */
export function decode(body: Buffer): Envelope {
  const jsonLength = body.readUInt32BE(0);
  const envelope = JSON.parse(body.toString('utf8', 4, 4 + jsonLength)) as Envelope & { bytes?: string };
  const { bytes: name, ...rest } = envelope;
  if (name === undefined) return rest;
  const bytes = body.subarray(4 + jsonLength);
  return { ...rest, payload: name === '' ? bytes : { ...(rest.payload as object), [name]: bytes } };
}

/** Cuts a byte stream into frames; feed it chunks as they come. */
export class FrameReader {
  #pending: Buffer[] = [];
  #size = 0;

  *push(chunk: Buffer): Generator<Envelope> {
    this.#pending.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= 4) {
      const whole = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
      this.#pending = [whole];
      const length = whole.readUInt32BE(0);
      if (length > maxFrame) throw new Error(`a frame of ${length} bytes is not ours`);
      if (whole.length < 4 + length) return;
      yield decode(whole.subarray(4, 4 + length));
      const rest = whole.subarray(4 + length);
      this.#pending = rest.length ? [rest] : [];
      this.#size = rest.length;
    }
  }
}

function split(payload: unknown): { payload: unknown; bytes: Uint8Array; name?: string } {
  if (payload instanceof Uint8Array) return { payload: null, bytes: payload, name: '' };
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) {
    const found = Object.entries(payload).find(([, value]) => value instanceof Uint8Array);
    if (found) {
      const { [found[0]]: _, ...rest } = payload as Record<string, unknown>;
      return { payload: rest, bytes: found[1] as Uint8Array, name: found[0] };
    }
  }
  return { payload, bytes: new Uint8Array(0) };
}

/**
 * An error as it travels: a CloudError keeps its kind, a database without room is `unavailable` until it has some, anything
 * else becomes `internal` with its message.
 */
export function errorToWire(error: unknown): NonNullable<Envelope['error']> {
  if (error instanceof CloudError)
    return { kind: error.kind, message: error.message, details: error.details };
  return { kind: isDatabaseFull(error) ? 'unavailable' : 'internal', message: messageOf(error), details: {} };
}

/** The error as its thrower threw it, without cause and stack. */
export const errorFromWire = (error: NonNullable<Envelope['error']>): CloudError =>
  new CloudError(error.kind, error.message, { details: error.details });
