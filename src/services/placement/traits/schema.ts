import Type from 'typebox';

export const setTraitsBody = Type.Object(
  {
    traits: Type.Array(Type.String({ minLength: 1, maxLength: 255 })),
    resource_provider_generation: Type.Integer(),
  },
  { additionalProperties: false },
);

export const listTraitsQuery = Type.Object(
  { name: Type.Optional(Type.String()), associated: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
