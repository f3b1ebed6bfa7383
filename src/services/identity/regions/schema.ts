import Type from 'typebox';

import { description, nullable, regionReference } from '../fields.ts';

const fields = {
  description: Type.Optional(nullable(description)),
  parent_region_id: Type.Optional(regionReference),
};

/**
 * `POST /v3/regions` and `PUT /v3/regions/{region_id}` (keystone/catalog/schema.py). The top level takes any
 * property: the schema there misspells `additionalProperties`.
 */
export const createRegionBody = Type.Object({
  // unlike other resources a region may be named by its creator, and takes attributes of any name
  region: Type.Object(
    { id: Type.Optional(nullable(Type.String({ maxLength: 255 }))), ...fields },
    { additionalProperties: true },
  ),
});

/** `PATCH /v3/regions/{region_id}`: at least one attribute. */
export const updateRegionBody = Type.Object(
  {
    region: Type.Object(
      { id: Type.Optional(regionReference), ...fields },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** `GET /v3/regions`: by parent, and strict: there is no paging. */
export const listRegionsQuery = Type.Object(
  { parent_region_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) },
  { additionalProperties: false },
);
