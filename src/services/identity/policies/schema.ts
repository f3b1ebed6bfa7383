import Type from 'typebox';

import { listQuery } from '../listing.ts';

const blob = Type.String();
const type = Type.String({ maxLength: 255 });

/** `POST /v3/policies` (keystone/policy/schema.py). A blob is any text: Keystone does not look into it either. */
export const createPolicyBody = Type.Object({
  policy: Type.Object({ blob, type }, { additionalProperties: true }),
});

/** `PATCH /v3/policies/{policy_id}`: at least one attribute. */
export const updatePolicyBody = Type.Object({
  policy: Type.Object(
    { blob: Type.Optional(blob), type: Type.Optional(type) },
    { additionalProperties: true, minProperties: 1 },
  ),
});

/** `GET /v3/policies`; also takes comparators on the type. */
export const listPoliciesQuery = listQuery({ type: Type.Optional(Type.String()) });
