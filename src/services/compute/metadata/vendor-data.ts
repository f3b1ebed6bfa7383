import { readFileSync, statSync } from 'node:fs';

/** The operator's own JSON for all guests, from a file that is read again when it changed. */
export class VendorData {
  readonly #file: string;
  #stamp = '';
  #value: unknown = {};

  /** `file` may be empty: then there is none. */
  constructor(file: string) {
    this.#file = file;
  }

  /** What the file holds now; an empty object when there is none. Throws when it is not JSON. */
  read(): unknown {
    const stat = this.#file === '' ? undefined : statSync(this.#file, { throwIfNoEntry: false });
    const stamp = stat ? `${stat.mtimeMs}:${stat.size}` : '';
    if (stamp === this.#stamp) return this.#value;
    this.#value = stat ? (JSON.parse(readFileSync(this.#file, 'utf8')) as unknown) : {};
    this.#stamp = stamp;
    return this.#value;
  }
}
