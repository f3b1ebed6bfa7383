import Type from 'typebox';

import { metadata, metadataOf } from '../fields.ts';

const strict = { additionalProperties: false };

export const imageMetadataBody = Type.Object({ metadata }, strict);

export const imageMetadatumBody = Type.Object(
  { meta: metadataOf(Type.String({ maxLength: 255 }), { minProperties: 1, maxProperties: 1 }) },
  strict,
);
