import type { TSchema } from 'typebox';

import { badRequest } from '#kit/errors/cloud-error.ts';
import { problemText, Validator } from '#kit/http/validation.ts';

import type { JsonSchema } from './collection.ts';

/** A schema whose form depends on the configuration, and what it says to objects that do not match. */
export class ObjectSchema {
  readonly #name: string;
  readonly #validator: Validator;

  /** `name` is what the schema calls itself. */
  constructor(name: string, schema: JsonSchema) {
    this.#name = name;
    this.#validator = new Validator({ type: 'object', ...schema } as TSchema);
  }

  /** Throws `badRequest` in Glance's words unless `value` matches. */
  check(value: unknown): void {
    const problem = this.#validator.check(value, 0);
    if (problem)
      throw badRequest(`Provided object does not match schema '${this.#name}': ${problemText(problem)}`);
  }
}
