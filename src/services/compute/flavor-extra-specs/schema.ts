import Type from 'typebox';

import { metadataOf } from '../fields.ts';

const extraSpecs = { type: ['string', 'number'], maxLength: 255 };

/**
 * The body of `POST …/os-extra_specs`. Numbers are taken and kept as text; since 2.86 values are validated beyond
 * this.
 */
export const createExtraSpecsBody = Type.Object(
  { extra_specs: metadataOf(Type.Unsafe<string | number>(extraSpecs)) },
  { additionalProperties: false },
);

/** The body of `PUT …/os-extra_specs/{key}`: exactly one item, whose key is the one in the path. */
export const updateExtraSpecBody = metadataOf(Type.Unsafe<string | number>(extraSpecs), {
  minProperties: 1,
  maxProperties: 1,
});
