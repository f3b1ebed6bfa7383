import Type from 'typebox';

import { listQuery } from '../listing.ts';

const blob = Type.String();
const type = Type.String({ maxLength: 255 });

export const createPolicyBody = Type.Object({
  policy: Type.Object({ blob, type }, { additionalProperties: true }),
});

export const updatePolicyBody = Type.Object({
  policy: Type.Object(
    { blob: Type.Optional(blob), type: Type.Optional(type) },
    { additionalProperties: true, minProperties: 1 },
  ),
});

export const listPoliciesQuery = listQuery({ type: Type.Optional(Type.String()) });
