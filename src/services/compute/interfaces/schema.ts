import Type from 'typebox';

import { since } from '#kit/http/versioned-schema.ts';

import { ipAddress, tag, uuid } from '../servers/fields.ts';

const strict = { additionalProperties: false };

export const attachBody = Type.Object(
  {
    interfaceAttachment: Type.Optional(
      Type.Object(
        {
          net_id: Type.Optional(uuid),
          port_id: Type.Optional(uuid),
          fixed_ips: Type.Optional(
            Type.Array(Type.Object({ ip_address: ipAddress }, strict), { minItems: 1, maxItems: 1 }),
          ),
          tag: since('2.49', tag),
        },
        strict,
      ),
    ),
  },
  strict,
);
