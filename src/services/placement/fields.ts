import Type from 'typebox';

/** Field schemas and patterns that several nouns share (placement/schemas/common.py). */

/** Keys that name a provider or consumer. */
export const uuidKey = '^[0-9a-fA-F-]{36}$';

/** Names of resource classes, traits and consumer types. */
export const namePattern = '^[A-Z0-9_]+$';

/** Names of the resource classes and traits anybody may make. */
export const customPattern = '^CUSTOM_[A-Z0-9_]+$';

/** The largest number a signed integer column holds. */
export const maxInt = 0x7fffffff;

/** A UUID with or without dashes, in capitals or not; {@link dashed} makes them alike. */
export const uuid = Type.String({ format: 'uuid' });

/** An object whose keys match `pattern`; `open` lets others be there too, with anything or what a schema says. */
export const keyedBy = <Value>(
  pattern: string,
  value: object,
  options: { minProperties?: number; open?: true | object } = {},
) =>
  Type.Unsafe<Record<string, Value>>({
    type: 'object',
    patternProperties: { [pattern]: value },
    ...(options.minProperties !== undefined && { minProperties: options.minProperties }),
    ...(options.open !== true && { additionalProperties: options.open ?? false }),
  });

/** Amounts by resource class, at least one. */
export const resourceAmounts = keyedBy<number>(
  namePattern,
  { type: 'integer', minimum: 1 },
  { minProperties: 1 },
);

/** A UUID in lower case with its dashes, whichever way it was written. */
export const dashed = (uuid: string): string =>
  uuid
    .replaceAll('-', '')
    .toLowerCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
