import Type from 'typebox';

import { textParameter } from '../query.ts';

/** The query of `GET /os-hosts` (until 2.42), where unknown parameters were never refused. */
export const listHostsQuery = Type.Object({ zone: textParameter });

const enabling = Type.Unsafe<string>({
  type: 'string',
  enum: ['enable', 'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE'],
});

/**
 * The body of `PUT /os-hosts/{host}` (until 2.42). It is validated, as by Nova, before the call is refused with 501.
 */
export const updateHostBody = Type.Object(
  { status: Type.Optional(enabling), maintenance_mode: Type.Optional(enabling) },
  { additionalProperties: false, anyOf: [{ required: ['status'] }, { required: ['maintenance_mode'] }] },
);
