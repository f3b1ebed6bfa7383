import Type from 'typebox';

/** Field schemas that several nouns share, as in keystone/api/validation/parameter_types.py. */

export const description = Type.String({ maxLength: 255 });

/** A description without a limit, or none. */
export const longDescription = Type.Union([Type.String(), Type.Null()]);

/** A name: not blank, at most so long. */
export const nameOf = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });

/** The form of an id somebody else made. */
export const idReference = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-zA-Z0-9-]+$' });

export const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

/** Options of domains, projects and roles; null takes one away. */
export const immutableOption = Type.Object(
  { immutable: Type.Optional(nullable(Type.Boolean())) },
  { additionalProperties: false },
);

/** Attributes a caller made up, as they are kept beside the known ones: names without colons and hyphens. */
export const normalized = (extra: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(extra).map(([name, value]) => [name.replace(/[:-]/g, '_'), value]));

/** A region's id, or none. */
export const regionReference = nullable(Type.String({ minLength: 1, maxLength: 255 }));

/** How much of something may be used; -1 for any amount. */
export const limitValue = Type.Integer({ minimum: -1, maximum: 0x7f_ff_ff_ff });
