import Type from 'typebox';

import { since } from '#kit/http/versioned-schema.ts';

import { namePattern } from '../fields.ts';

const externalId = Type.String({ minLength: 1, maxLength: 255 });

/**
 * The query of `GET /usages` (1.9 on). Since 1.38 `consumer_type` may be `all` for one sum, `unknown` for those of no
 * type.
 */
export const totalUsagesQuery = Type.Object(
  {
    project_id: externalId,
    user_id: Type.Optional(externalId),
    consumer_type: since(
      '1.38',
      Type.String({ pattern: `${namePattern}|^all|^unknown$`, minLength: 1, maxLength: 255 }),
    ),
  },
  { additionalProperties: false },
);
