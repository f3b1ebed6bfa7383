import Type from 'typebox';

import { maxTags, tag } from '../servers/fields.ts';

export const replaceTagsBody = Type.Object(
  { tags: Type.Array(tag, { maxItems: maxTags }) },
  { additionalProperties: false },
);
