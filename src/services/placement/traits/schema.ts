import Type from 'typebox';

/**
 * The body of `PUT …/traits`: all traits the provider has afterwards. That each exists is checked where they are set.
 */
export const setTraitsBody = Type.Object(
  {
    traits: Type.Array(Type.String({ minLength: 1, maxLength: 255 })),
    resource_provider_generation: Type.Integer(),
  },
  { additionalProperties: false },
);

/**
 * The query of `GET /traits`. Both values have a form of their own, with errors of their own: they are read in the
 * handler.
 */
export const listTraitsQuery = Type.Object(
  { name: Type.Optional(Type.String()), associated: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
