import Type, { type Static } from 'typebox';

import { idReference, limitValue, nameOf, nullable, regionReference } from '../fields.ts';
import { listQuery } from '../listing.ts';

const description = Type.Optional(nullable(Type.String({ maxLength: 255 })));

const fields = {
  service_id: Type.String(),
  region_id: Type.Optional(regionReference),
  resource_name: nameOf(255),
  resource_limit: limitValue,
  description,
};

// a project's or a domain's, never both
const newLimit = Type.Union([
  Type.Object({ project_id: idReference, ...fields }, { additionalProperties: false }),
  Type.Object({ domain_id: idReference, ...fields }, { additionalProperties: false }),
]);

/** What a new limit is asked to be: a project's or a domain's. */
export type NewLimitFields = Static<typeof newLimit>;

/** `POST /v3/limits` (keystone/limit/schema.py): several at once, of which all or none are made. */
export const createLimitsBody = Type.Object(
  { limits: Type.Array(newLimit, { minItems: 1 }) },
  { additionalProperties: false },
);

/** `PATCH /v3/limits/{limit_id}`. Of what and whose a limit is never changes. */
export const updateLimitBody = Type.Object(
  {
    limit: Type.Object(
      { resource_limit: Type.Optional(limitValue), description },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/**
 * `GET /v3/limits`; also takes comparators on service, region and resource. Who sees which limits the handler
 * decides.
 */
export const listLimitsQuery = listQuery({
  service_id: Type.Optional(Type.String({ format: 'uuid' })),
  region_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  resource_name: Type.Optional(nameOf(255)),
  project_id: Type.Optional(idReference),
  domain_id: Type.Optional(idReference),
});
