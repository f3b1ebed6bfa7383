import Type from 'typebox';

import { description } from '../fields.ts';

const regionId = Type.String({ maxLength: 255 });

const fields = {
  description: Type.Optional(Type.Union([description, Type.Null()])),
  parent_region_id: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 255 }), Type.Null()])),
};

export const createRegionBody = Type.Object({
  // unlike other resources a region may be named by its creator, and takes attributes of any name
  region: Type.Object({ id: Type.Optional(regionId), ...fields }, { additionalProperties: true }),
});

export const updateRegionBody = Type.Object(
  {
    region: Type.Object(
      { id: Type.Optional(regionId), ...fields },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export const listRegionsQuery = Type.Object({
  parent_region_id: Type.Optional(Type.String({ maxLength: 255 })),
});
