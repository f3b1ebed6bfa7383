import Type from 'typebox';

import { metadataOf } from '../fields.ts';

const extraSpecs = { type: ['string', 'number'], maxLength: 255 };

export const createExtraSpecsBody = Type.Object(
  { extra_specs: metadataOf(Type.Unsafe<string | number>(extraSpecs)) },
  { additionalProperties: false },
);

export const updateExtraSpecBody = metadataOf(Type.Unsafe<string | number>(extraSpecs), {
  minProperties: 1,
  maxProperties: 1,
});
