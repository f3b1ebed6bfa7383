import Type, { type Static } from 'typebox';

import { face, longDescription, nullable } from '../fields.ts';
import { listQuery } from '../listing.ts';

const url = Type.String({ maxLength: 225, pattern: '^[a-zA-Z0-9+.-]+:.+' });

const optional = {
  description: Type.Optional(longDescription),
  enabled: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String()),
  region: Type.Optional(nullable(Type.String())),
  region_id: Type.Optional(nullable(Type.String())),
};

export const createEndpointBody = Type.Object(
  {
    endpoint: Type.Object(
      { interface: face, service_id: Type.String(), url, ...optional },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: false },
);

export const updateEndpointBody = Type.Object(
  {
    endpoint: Type.Object(
      {
        interface: Type.Optional(face),
        service_id: Type.Optional(Type.String()),
        url: Type.Optional(url),
        ...optional,
      },
      { additionalProperties: true, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

export type EndpointFields = Static<typeof updateEndpointBody>['endpoint'] &
  Readonly<Record<string, unknown>>;

export const listEndpointsQuery = listQuery({
  interface: Type.Optional(face),
  service_id: Type.Optional(Type.String()),
  region_id: Type.Optional(Type.String()),
});
