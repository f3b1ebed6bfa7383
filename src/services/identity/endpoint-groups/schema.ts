import Type from 'typebox';

import { face, longDescription, nameOf, nullable } from '../fields.ts';

const filters = Type.Object({
  interface: Type.Optional(face),
  service_id: Type.Optional(Type.String()),
  region_id: Type.Optional(nullable(Type.String())),
  enabled: Type.Optional(Type.Boolean()),
});

const description = Type.Optional(longDescription);

export const createEndpointGroupBody = Type.Object(
  {
    endpoint_group: Type.Object({ name: nameOf(255), filters, description }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);

export const updateEndpointGroupBody = Type.Object(
  {
    endpoint_group: Type.Object(
      { name: Type.Optional(nameOf(255)), filters: Type.Optional(filters), description },
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export const listEndpointGroupsQuery = Type.Object(
  { name: Type.Optional(nameOf(255)) },
  { additionalProperties: false },
);
