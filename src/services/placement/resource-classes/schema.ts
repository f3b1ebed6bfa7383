import Type from 'typebox';

import { customPattern } from '../fields.ts';

export const resourceClassBody = Type.Object(
  { name: Type.String({ pattern: customPattern, maxLength: 255 }) },
  { additionalProperties: false },
);
