import Type from 'typebox';

import { metadata, metadataOf } from '../fields.ts';

const strict = { additionalProperties: false };

/** The body of `POST /images/{image_id}/metadata`, which adds, and of `PUT`, which replaces. Until 2.38. */
export const imageMetadataBody = Type.Object({ metadata }, strict);

/** The body of `PUT /images/{image_id}/metadata/{id}`, until 2.38: exactly one item, the one the path names. */
export const imageMetadatumBody = Type.Object(
  { meta: metadataOf(Type.String({ maxLength: 255 }), { minProperties: 1, maxProperties: 1 }) },
  strict,
);
