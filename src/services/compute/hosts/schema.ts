import Type from 'typebox';

import { textParameter } from '../query.ts';

export const listHostsQuery = Type.Object({ zone: textParameter });

const enabling = Type.Unsafe<string>({
  type: 'string',
  enum: ['enable', 'disable', 'Enable', 'Disable', 'ENABLE', 'DISABLE'],
});

export const updateHostBody = Type.Object(
  { status: Type.Optional(enabling), maintenance_mode: Type.Optional(enabling) },
  { additionalProperties: false, anyOf: [{ required: ['status'] }, { required: ['maintenance_mode'] }] },
);
