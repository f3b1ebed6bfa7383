import Type from 'typebox';

import { metadata, metadataOf } from '../fields.ts';

const strict = { additionalProperties: false };

/** The body of `POST /servers/{server_id}/metadata`, which adds to what is there, and of `PUT`, which replaces it. */
export const metadataBody = Type.Object({ metadata }, strict);

/** Exactly one item, the one the path names. */
export const metadataItemBody = Type.Object(
  { meta: metadataOf(Type.String({ maxLength: 255 }), { minProperties: 1, maxProperties: 1 }) },
  strict,
);
