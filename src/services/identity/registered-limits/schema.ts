import Type, { type Static } from 'typebox';

import { limitValue, nameOf, nullable, regionReference } from '../fields.ts';
import { listQuery } from '../listing.ts';

const description = Type.Optional(nullable(Type.String({ maxLength: 255 })));

const newRegisteredLimit = Type.Object(
  {
    service_id: Type.String({ format: 'uuid' }),
    region_id: Type.Optional(regionReference),
    resource_name: nameOf(255),
    default_limit: limitValue,
    description,
  },
  { additionalProperties: false },
);

/** `POST /v3/registered_limits` (keystone/limit/schema.py): several at once, of which all or none are made. */
export const createRegisteredLimitsBody = Type.Object(
  { registered_limits: Type.Array(newRegisteredLimit, { minItems: 1 }) },
  { additionalProperties: false },
);

/**
 * `PATCH /v3/registered_limits/{registered_limit_id}`; a `region_id` of null makes it one for no region in
 * particular. Refused with 403 once there are limits of it.
 */
export const updateRegisteredLimitBody = Type.Object(
  {
    registered_limit: Type.Object(
      {
        service_id: Type.Optional(Type.String({ format: 'uuid' })),
        region_id: Type.Optional(regionReference),
        resource_name: Type.Optional(nameOf(255)),
        default_limit: Type.Optional(limitValue),
        description,
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** What a body says of a registered limit. */
export type RegisteredLimitFields = Static<typeof updateRegisteredLimitBody>['registered_limit'];

/** `GET /v3/registered_limits`; also takes comparators on its filters. */
export const listRegisteredLimitsQuery = listQuery({
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  region_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  resource_name: Type.Optional(nameOf(255)),
});
