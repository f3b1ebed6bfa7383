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

/**
 * `POST /v3/endpoints` (keystone/catalog/schema.py). `region` is what `region_id` was before v3.2; whether a
 * new endpoint's URL is a good template is checked after the schema.
 */
export const createEndpointBody = Type.Object(
  {
    endpoint: Type.Object(
      { interface: face, service_id: Type.String(), url, ...optional },
      { additionalProperties: true },
    ),
  },
  { additionalProperties: false },
);

/** `PATCH /v3/endpoints/{endpoint_id}`: at least one attribute. */
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

/**
 * What a body says of an endpoint; after {@link createEndpointBody} `interface`, `service_id` and `url` are always
 * there.
 */
export type EndpointFields = Static<typeof updateEndpointBody>['endpoint'] &
  Readonly<Record<string, unknown>>;

/** `GET /v3/endpoints`: by exact values. */
export const listEndpointsQuery = listQuery({
  interface: Type.Optional(face),
  service_id: Type.Optional(Type.String()),
  region_id: Type.Optional(Type.String()),
});
