import Type, { type Static } from 'typebox';

import { listQuery } from '../listing.ts';

const fields = {
  enabled: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
};

const type = Type.String({ minLength: 1, maxLength: 255 });

export const createServiceBody = Type.Object({
  service: Type.Object({ type, ...fields }, { additionalProperties: true }),
});

export const updateServiceBody = Type.Object({
  service: Type.Object(
    { type: Type.Optional(type), ...fields },
    { additionalProperties: true, minProperties: 1 },
  ),
});

export type ServiceFields = Static<typeof updateServiceBody>['service'] & Readonly<Record<string, unknown>>;

export const listServicesQuery = listQuery({
  type: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
});
