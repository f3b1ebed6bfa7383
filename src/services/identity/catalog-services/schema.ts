import Type, { type Static } from 'typebox';

import { listQuery } from '../listing.ts';

const fields = {
  enabled: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
};

const type = Type.String({ minLength: 1, maxLength: 255 });

/** `POST /v3/services` (keystone/catalog/schema.py). Attributes of any other name are kept as they are. */
export const createServiceBody = Type.Object({
  service: Type.Object({ type, ...fields }, { additionalProperties: true }),
});

/** `PATCH /v3/services/{service_id}`: at least one attribute. */
export const updateServiceBody = Type.Object({
  service: Type.Object(
    { type: Type.Optional(type), ...fields },
    { additionalProperties: true, minProperties: 1 },
  ),
});

/** What a body says of a service; after {@link createServiceBody} `type` is always there. */
export type ServiceFields = Static<typeof updateServiceBody>['service'] & Readonly<Record<string, unknown>>;

/** `GET /v3/services`; also takes comparators, e.g. `name__icontains`. */
export const listServicesQuery = listQuery({
  type: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
});
