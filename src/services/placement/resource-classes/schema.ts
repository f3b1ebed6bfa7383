import Type from 'typebox';

import { customPattern } from '../fields.ts';

/**
 * The body of `POST /resource_classes` and, up to 1.6, of the `PUT` that renamed a class. Only custom classes are
 * made.
 */
export const resourceClassBody = Type.Object(
  { name: Type.String({ pattern: customPattern, maxLength: 255 }) },
  { additionalProperties: false },
);
