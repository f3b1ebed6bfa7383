import Type from 'typebox';

import { idReference, nameOf } from '../fields.ts';

/** The roles a user grants, each by id or by name (keystone/oauth1/schema.py). */
export const authorizeBody = Type.Object({
  roles: Type.Optional(
    Type.Array(
      Type.Object(
        { id: Type.Optional(idReference), name: Type.Optional(nameOf(255)) },
        { additionalProperties: false, minProperties: 1, maxProperties: 1 },
      ),
    ),
  ),
});
