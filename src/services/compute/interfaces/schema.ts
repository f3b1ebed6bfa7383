import Type from 'typebox';

import { since } from '#kit/http/versioned-schema.ts';

import { ipAddress, tag, uuid } from '../servers/fields.ts';

const strict = { additionalProperties: false };

/**
 * The body of `POST /servers/{server_id}/os-interface`. Left empty, the project's only network is meant. What does not
 * go together, such as a port and a network, is refused in the handler, in Nova's words.
 */
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
