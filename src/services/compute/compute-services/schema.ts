import Type from 'typebox';

import { since, strictSince } from '#kit/http/versioned-schema.ts';

import { boolean, hostName } from '../fields.ts';
import { textParameter } from '../query.ts';

const reason = Type.String({ minLength: 1, maxLength: 255 });

/** The query of `GET /os-services`; other parameters are ignored until 2.74 and refused since. */
export const listServicesQuery = strictSince(
  '2.75',
  Type.Object({ host: textParameter, binary: textParameter }),
);

/** Until 2.52 the body names the service and the path what to do. */
export const actOnServiceBody = Type.Object(
  {
    host: hostName,
    binary: Type.String({ minLength: 1, maxLength: 255 }),
    disabled_reason: Type.Optional(reason),
    forced_down: since('2.11', boolean),
  },
  { additionalProperties: false },
);

/**
 * The body of `PUT /os-services/{id}` since 2.53. Which of these go together is checked in the handler, in Nova's
 * words.
 */
export const updateServiceBody = Type.Object(
  {
    status: Type.Optional(
      Type.Unsafe<'enabled' | 'disabled'>({ type: 'string', enum: ['enabled', 'disabled'] }),
    ),
    disabled_reason: Type.Optional(reason),
    forced_down: Type.Optional(boolean),
  },
  { additionalProperties: false },
);
