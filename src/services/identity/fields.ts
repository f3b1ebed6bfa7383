import Type, { type Static, type TSchema } from 'typebox';

/** Field schemas that several nouns share, as in keystone/api/validation/parameter_types.py. */

/** What describes a region, a domain or a consumer: at most 255 characters, where others take any length. */
export const description = Type.String({ maxLength: 255 });

/** The same, or null: one schema with two types, as keystone/common/validation makes it. */
export const nullable = <Schema extends TSchema & { readonly type: string }>(schema: Schema) =>
  Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] });

/** A description without a limit, or none. */
export const longDescription = nullable(Type.String());

/** A name: not blank, at most so long. */
export const nameOf = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '[\\S]+' });

/** The form of an id somebody else made. */
export const idReference = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' });

/** Options of domains, projects and roles; null takes one away. */
export const immutableOption = Type.Object(
  { immutable: Type.Optional(nullable(Type.Boolean())) },
  { additionalProperties: false },
);

/** Keystone's words for truth values, in the order it names them in. */
const truthWords = [
  true,
  'True',
  'TRUE',
  'true',
  false,
  'False',
  'FALSE',
  'false',
  '',
  '1',
  '0',
  'y',
  'Y',
  'n',
  'N',
  'on',
  'ON',
  'off',
  'OFF',
  'yes',
  'no',
];

/** A truth value in a query. */
export const truthFilter = Type.Optional(
  Type.Unsafe<string>({ type: ['boolean', 'string', 'null'], enum: truthWords }),
);

/** Attributes a caller made up, as they are kept beside the known ones: names without colons and hyphens. */
export const normalized = (extra: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(extra).map(([name, value]) => [name.replace(/[:-]/g, '_'), value]));

/** Whom an endpoint is for. */
export const face = Type.Unsafe<'admin' | 'internal' | 'public'>({
  type: 'string',
  enum: ['admin', 'internal', 'public'],
});

/** A region's id, or none. */
export const regionReference = nullable(Type.String({ minLength: 1, maxLength: 255 }));

/** How much of something may be used; -1 for any amount. */
export const limitValue = Type.Integer({ minimum: -1, maximum: 0x7f_ff_ff_ff });
