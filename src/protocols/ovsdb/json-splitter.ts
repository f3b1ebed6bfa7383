const quote = 0x22;
const backslash = 0x5c;
const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);

/**
 * Cuts a byte stream of JSON objects that follow one another without delimiters (RFC 7047 section 4) into the text of
 * each. It looks at brackets and strings only; whether the text is JSON is for the parser to find out.
 */
export class JsonSplitter {
  #pending: Buffer[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Takes the next bytes and answers the values that are complete with them, in order. */
  push(chunk: Buffer): string[] {
    const complete: string[] = [];
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (!this.#closesValue(chunk[i]!)) continue;
      this.#pending.push(chunk.subarray(start, i + 1));
      complete.push(Buffer.concat(this.#pending).toString('utf8'));
      this.#pending = [];
      start = i + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
    return complete;
  }

  #closesValue(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) this.#inString = false;
      return false;
    }
    if (byte === quote) this.#inString = true;
    else if (openers.has(byte)) this.#depth++;
    else if (closers.has(byte)) return --this.#depth === 0;
    return false;
  }
}
