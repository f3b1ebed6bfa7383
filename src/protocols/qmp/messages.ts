/** What QEMU says about itself before anything else. */
export interface QmpGreeting {
  readonly QMP: {
    readonly version: {
      readonly qemu: { readonly major: number; readonly minor: number; readonly micro: number };
    };
    readonly capabilities: readonly string[];
  };
}

/** Something that happened by itself or because of a command. */
export interface QmpEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly timestamp: { readonly seconds: number; readonly microseconds: number };
}

/** The answer to a command. */
export interface QmpAnswer {
  readonly id: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/** Anything QEMU sends. */
export type QmpMessage = QmpGreeting | QmpEvent | QmpAnswer;

/** A message longer than this is nothing QEMU sends. */
const maxLine = 16 << 20;

/** Cuts a byte stream into QMP messages, one JSON text a line; feed it chunks as they come. */
export class QmpReader {
  #pending: Buffer[] = [];
  #size = 0;

  /** Throws when the stream is not QMP. */
  *push(chunk: Buffer): Generator<QmpMessage> {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#pending, rest.subarray(0, end)]).toString('utf8');
      this.#pending = [];
      this.#size = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== '') yield JSON.parse(line) as QmpMessage;
    }
    this.#pending.push(rest);
    this.#size += rest.length;
    if (this.#size > maxLine) throw new Error(`a QMP message of more than ${maxLine} bytes`);
  }
}

/** A command as it goes over the wire. */
export const encodeCommand = (id: number, execute: string, args: object | undefined): string =>
  `${JSON.stringify({ execute, ...(args && { arguments: args }), id })}\n`;
