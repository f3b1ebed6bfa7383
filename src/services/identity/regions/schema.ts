import Type from 'typebox';

import { description, nullable, regionReference } from '../fields.ts';

const fields = {
  description: Type.Optional(nullable(description)),
  parent_region_id: Type.Optional(regionReference),
};

export const createRegionBody = Type.Object({
  // unlike other resources a region may be named by its creator, and takes attributes of any name
  region: Type.Object(
    { id: Type.Optional(nullable(Type.String({ maxLength: 255 }))), ...fields },
    { additionalProperties: true },
  ),
});

export const updateRegionBody = Type.Object(
  {
    region: Type.Object(
      { id: Type.Optional(regionReference), ...fields },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export const listRegionsQuery = Type.Object(
  { parent_region_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) },
  { additionalProperties: false },
);
