import Type from 'typebox';

import { maxTags, tag } from '../servers/fields.ts';

/** A tag is added by its path alone. */
export const noBody = Type.Null();

/** The body of `PUT /servers/{server_id}/tags`. A tag given twice counts once. */
export const replaceTagsBody = Type.Object(
  { tags: Type.Array(tag, { maxItems: maxTags }) },
  { additionalProperties: false },
);
