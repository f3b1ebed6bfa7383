import Type from 'typebox';

import { face, longDescription, nameOf, nullable } from '../fields.ts';

const filters = Type.Object({
  interface: Type.Optional(face),
  service_id: Type.Optional(Type.String()),
  region_id: Type.Optional(nullable(Type.String())),
  enabled: Type.Optional(Type.Boolean()),
});

const description = Type.Optional(longDescription);

/**
 * `POST /v3/OS-EP-FILTER/endpoint_groups` (keystone/catalog/schema.py). The schema lets `enabled` and unknown filters
 * pass; they are refused after it, in Keystone's own words.
 */
export const createEndpointGroupBody = Type.Object(
  {
    endpoint_group: Type.Object({ name: nameOf(255), filters, description }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);

/** `PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}`. Filters are replaced as a whole. */
export const updateEndpointGroupBody = Type.Object(
  {
    endpoint_group: Type.Object(
      { name: Type.Optional(nameOf(255)), filters: Type.Optional(filters), description },
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

/** `GET /v3/OS-EP-FILTER/endpoint_groups`: by exact name, and strict, unlike most lists of Keystone's. */
export const listEndpointGroupsQuery = Type.Object(
  { name: Type.Optional(nameOf(255)) },
  { additionalProperties: false },
);
